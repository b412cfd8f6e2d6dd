package dev.quern.backend.cpu;

/** What drawing tokens computes over a whole row of logits. */
interface LogitMath {
  /** weights[v] = e^((values[v] - max) / temperature). */
  void exp(float[] values, float max, float temperature, float[] weights);

  /** The lowest id of the highest logit; NaNs count only where there is nothing else. */
  int argmax(float[] values);

  /** In plain Java. */
  final class Plain implements LogitMath {
    @Override
    public void exp(float[] values, float max, float temperature, float[] weights) {
      for (int v = 0; v < values.length; v++) {
        weights[v] = (float) Math.exp(((double) values[v] - max) / temperature);
      }
    }

    @Override
    public int argmax(float[] values) {
      int best = 0;
      for (int v = 1; v < values.length; v++) {
        if (values[v] > values[best] || values[best] != values[best]) {
          best = v;
        }
      }
      return best;
    }
  }
}
