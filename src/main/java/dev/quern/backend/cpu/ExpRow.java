package dev.quern.backend.cpu;

/** Exponentials of a row of logits. */
interface ExpRow {
  ExpRow PLAIN =
      (values, max, temperature, weights) -> {
        for (int v = 0; v < values.length; v++) {
          weights[v] = (float) Math.exp(((double) values[v] - max) / temperature);
        }
      };

  /** weights[v] = e^((values[v] - max) / temperature). */
  void apply(float[] values, float max, float temperature, float[] weights);
}
