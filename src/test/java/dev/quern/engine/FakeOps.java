package dev.quern.engine;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.KvCache;
import dev.quern.backend.Linear;
import dev.quern.backend.Norm;
import dev.quern.backend.Ops;
import dev.quern.backend.Sampling;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import java.util.HashMap;
import java.util.Map;

/** The ops of the sample part, on the device's copies; each only queues itself. */
final class FakeOps implements Ops {
  private final FakeDevice device;

  /** Raw rows kept until their token is chosen. */
  private final Map<Integer, float[]> raw = new HashMap<>();

  FakeOps(FakeDevice device) {
    this.device = device;
  }

  @Override
  public void feedTokens(Batch batch, Batch previous) {
    device.op(
        () -> {
          Batch to = device.copy(batch);
          Batch from = device.copy(previous);
          for (int t = 0; t < to.tokens; t++)
            if (to.feedRows[t] >= 0) to.tokenIds[t] = from.sampling.nextTokens[to.feedRows[t]];
        });
  }

  @Override
  public void logprobs(Tensor logits, Batch batch, int fromRow) {
    device.op(() -> noteSampled(((FakeTensor) logits).values(), device.copy(batch)));
  }

  private void noteSampled(float[][] logits, Batch batch) {
    noteLogprobs(logits, batch, 0, batch.sampledRows);
  }

  void noteLogprobs(float[][] logits, Batch batch, int fromRow, int count) {
    Sampling s = batch.sampling;
    for (int row = fromRow; row < fromRow + count; row++) {
      if (s.logprobs[row] == -1) continue;
      float[] values = logits[row - fromRow].clone();
      if (s.logprobs[row] == -2) {
        s.allLogprobs[row] = new float[values.length];
        for (int v = 0; v < values.length; v++)
          s.allLogprobs[row][v] = FakeSampler.logprob(values, v);
      }
      for (int v = 0; v < values.length; v++) {
        int rank = FakeSampler.rank(values, v);
        for (int other = 0; other < v; other++) if (values[other] == values[v]) rank++;
        if (rank > s.logprobs[row]) continue;
        s.topIds[row * s.maxLogprobs + rank - 1] = v;
        s.topLogprobs[row * s.maxLogprobs + rank - 1] = FakeSampler.logprob(values, v);
      }
      if (s.targets[row] >= 0) note(s, row, values, s.targets[row]);
      else raw.put(row, values);
    }
  }

  private static void note(Sampling s, int row, float[] values, int id) {
    s.chosenLogprob[row] = FakeSampler.logprob(values, id);
    s.chosenRank[row] = FakeSampler.rank(values, id);
  }

  @Override
  public void maskLogits(Tensor logits, Batch batch) {}

  /** Masks too. */
  @Override
  public void applyPenalties(Tensor logits, Batch batch) {
    device.op(
        () -> {
          Batch copy = device.copy(batch);
          for (int row = 0; row < copy.sampledRows; row++)
            FakeSampler.edit(((FakeTensor) logits).values()[row], copy.sampling, row);
        });
  }

  @Override
  public void sample(Tensor logits, Batch batch) {
    device.op(
        () -> {
          Batch copy = device.copy(batch);
          Sampling s = copy.sampling;
          for (int row = 0; row < copy.sampledRows; row++)
            s.nextTokens[row] =
                FakeSampler.choose(
                    ((FakeTensor) logits).values()[row],
                    s.temperature[row],
                    s.seed[row],
                    s.outputIndex[row]);
        });
  }

  @Override
  public void chosenLogprobs(Batch batch) {
    device.op(
        () -> {
          Batch copy = device.copy(batch);
          Sampling s = copy.sampling;
          for (int row = 0; row < copy.sampledRows; row++)
            if (s.logprobs[row] != -1) note(s, row, raw.remove(row), s.nextTokens[row]);
        });
  }

  @Override
  public void embed(Tensor x, Weight table, float scale, Batch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void addPositions(Tensor x, Weight table, int offset, Batch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void norm(Tensor y, Tensor x, Norm norm) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void linear(Tensor y, Tensor x, Linear linear) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void qkNormRope(Tensor qkv, Attention attention, Batch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void storeKv(KvCache kv, int layer, Tensor qkv, Attention attention, Batch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void attention(
      Tensor out, Tensor qkv, KvCache kv, int layer, Attention attention, Batch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void activation(Tensor y, Tensor x, Activation activation, Tensor parameters) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void gatedActivation(Tensor y, Tensor x, Activation activation) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void add(Tensor y, Tensor x, float alpha) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Batch batch, int fromRow) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void scaleSoftcap(Tensor logits, float scale, float cap) {
    throw new UnsupportedOperationException();
  }
}
