package dev.quern.backend.cpu;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.KvCache;
import dev.quern.backend.Linear;
import dev.quern.backend.Norm;
import dev.quern.backend.Ops;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;

/**
 * Every op in plain loops: the oracle of the fast ones. An output value is one chain of operations
 * in one order, whatever else is in the batch, so that a batch of N is N singles and a prompt in
 * chunks is the whole prompt, bit for bit.
 */
class ScalarOps implements Ops {
  final WorkerPool pool;
  private final Logprobs logprobs;
  private final LogitEdits edits = new LogitEdits();
  private final TokenSampler sampler;

  ScalarOps(WorkerPool pool) {
    this(pool, new LogitMath.Plain());
  }

  ScalarOps(WorkerPool pool, LogitMath math) {
    this.pool = pool;
    logprobs = new Logprobs(math);
    sampler = new TokenSampler(pool, math);
  }

  @Override
  public void embed(Tensor x, Weight table, float scale, Batch batch) {
    CpuTensor out = (CpuTensor) x;
    PanelWeight weight = (PanelWeight) table;
    checkCols("embed", out.cols(), weight.cols());
    forRows(
        Math.min(batch.tokens, out.rows()),
        (worker, from, to) -> {
          float[] row = new float[weight.cols()];
          for (int t = from; t < to; t++) {
            int id = batch.tokenIds[t];
            if (id < 0 || id >= weight.rows()) {
              throw new IndexOutOfBoundsException(
                  "token id " + id + " is not in the vocabulary of " + weight.rows());
            }
            weight.readRow(id, row);
            for (int e = 0; e < row.length; e++) {
              row[e] *= scale;
            }
            out.writeRow(t, row);
          }
        });
  }

  @Override
  public void addPositions(Tensor x, Weight table, int offset, Batch batch) {
    CpuTensor out = (CpuTensor) x;
    PanelWeight weight = (PanelWeight) table;
    checkCols("addPositions", out.cols(), weight.cols());
    forRows(
        Math.min(batch.tokens, out.rows()),
        (worker, from, to) -> {
          float[] row = new float[weight.cols()];
          for (int t = from; t < to; t++) {
            weight.readRow(batch.positions[t] + offset, row);
            for (int e = 0; e < row.length; e++) {
              out.set(t, e, out.get(t, e) + row[e]);
            }
          }
        });
  }

  @Override
  public void norm(Tensor y, Tensor x, Norm norm) {
    CpuTensor out = (CpuTensor) y;
    CpuTensor in = (CpuTensor) x;
    checkCols("norm", out.cols(), in.cols());
    forRows(
        in.rows(),
        (worker, from, to) -> {
          float[] row = new float[in.cols()];
          for (int t = from; t < to; t++) {
            in.readRow(t, row);
            ScalarNorm.apply(row, 0, row.length, norm, 0);
            out.writeRow(t, row);
          }
        });
  }

  @Override
  public void linear(Tensor y, Tensor x, Linear linear) {
    PanelWeight weight = checkLinear(y, x, linear);
    linear((CpuTensor) y, (CpuTensor) x, weight, (CpuTensor) linear.bias());
  }

  static PanelWeight checkLinear(Tensor y, Tensor x, Linear linear) {
    linear.check(y, x);
    return (PanelWeight) linear.weight();
  }

  /** The shapes are checked. */
  void linear(CpuTensor y, CpuTensor x, PanelWeight weight, CpuTensor bias) {
    pool.run(
        weight.panels(),
        1,
        (worker, from, to) -> ScalarLinear.panels(y, x, weight, bias, from, to));
  }

  @Override
  public void qkNormRope(Tensor qkv, Attention attention, Batch batch) {
    CpuTensor rows = (CpuTensor) qkv;
    checkCols("qkNormRope", rows.cols(), attention.qkvCols());
    forRows(
        Math.min(batch.tokens, rows.rows()),
        (worker, from, to) -> {
          float[] row = new float[rows.cols()];
          for (int t = from; t < to; t++) {
            rows.readRow(t, row);
            QkNormRope.apply(row, attention, batch.positions[t]);
            rows.writeRow(t, row);
          }
        });
  }

  @Override
  public void storeKv(KvCache kv, int layer, Tensor qkv, Attention attention, Batch batch) {
    CpuKvCache cache = (CpuKvCache) kv;
    CpuTensor rows = (CpuTensor) qkv;
    checkCols("storeKv", rows.cols(), attention.qkvCols());
    int heads = attention.kvHeads();
    int dim = attention.headDim();
    int tokens = cache.layout().blockTokens();
    int firstKey = attention.heads() * dim;
    int firstValue = firstKey + heads * dim;
    for (int t = 0; t < Math.min(batch.tokens, rows.rows()); t++) {
      int slot = batch.slots[t];
      if (slot < 0) {
        continue;
      }
      int place = slot % tokens;
      for (int h = 0; h < heads; h++) {
        long keys = cache.keys(slot / tokens, layer, h) + place;
        long values = cache.values(slot / tokens, layer, h) + (long) place * dim;
        for (int d = 0; d < dim; d++) {
          cache.set(keys + (long) d * tokens, rows.get(t, firstKey + h * dim + d));
          cache.set(values + d, rows.get(t, firstValue + h * dim + d));
        }
      }
    }
  }

  @Override
  public void attention(
      Tensor out, Tensor qkv, KvCache kv, int layer, Attention attention, Batch batch) {
    CpuTensor y = (CpuTensor) out;
    CpuTensor x = (CpuTensor) qkv;
    checkCols("attention input", x.cols(), attention.qkvCols());
    checkCols("attention output", y.cols(), attention.heads() * attention.headDim());
    checkRows("attention", out, qkv);
    attention(y, x, (CpuKvCache) kv, layer, attention, batch);
  }

  /** The shapes are checked. */
  void attention(
      CpuTensor y, CpuTensor x, CpuKvCache kv, int layer, Attention attention, Batch batch) {
    int heads = attention.heads();
    int[] sequences = SequenceOfRow.of(batch, y.rows());
    pool.run(
        y.rows() * heads,
        1,
        (worker, from, to) -> {
          ScalarAttention rows = new ScalarAttention(y, x, kv, layer, attention, batch);
          for (int unit = from; unit < to; unit++) {
            rows.run(unit / heads, unit % heads, sequences[unit / heads]);
          }
        });
  }

  @Override
  public void activation(Tensor y, Tensor x, Activation activation, Tensor parameters) {
    CpuTensor out = (CpuTensor) y;
    CpuTensor in = (CpuTensor) x;
    checkCols("activation", out.cols(), in.cols());
    forRows(
        in.rows(),
        (worker, from, to) -> {
          for (int t = from; t < to; t++) {
            for (int f = 0; f < in.cols(); f++) {
              float value = in.get(t, f);
              out.set(
                  t,
                  f,
                  activation == Activation.XIELU
                      ? ScalarActivation.xielu(value, (CpuTensor) parameters)
                      : ScalarActivation.apply(activation, value));
            }
          }
        });
  }

  @Override
  public void gatedActivation(Tensor y, Tensor x, Activation activation) {
    CpuTensor out = (CpuTensor) y;
    CpuTensor in = (CpuTensor) x;
    int size = out.cols();
    checkCols("gatedActivation", in.cols(), 2 * size);
    forRows(
        in.rows(),
        (worker, from, to) -> {
          for (int t = from; t < to; t++) {
            for (int f = 0; f < size; f++) {
              float gate = ScalarActivation.apply(activation, in.get(t, f));
              out.set(t, f, gate * in.get(t, size + f));
            }
          }
        });
  }

  @Override
  public void add(Tensor y, Tensor x, float alpha) {
    CpuTensor out = (CpuTensor) y;
    CpuTensor in = (CpuTensor) x;
    checkCols("add", out.cols(), in.cols());
    forRows(
        in.rows(),
        (worker, from, to) -> {
          for (int t = from; t < to; t++) {
            for (int e = 0; e < in.cols(); e++) {
              out.set(t, e, Math.fma(alpha, in.get(t, e), out.get(t, e)));
            }
          }
        });
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Batch batch, int fromRow) {
    CpuTensor out = (CpuTensor) y;
    CpuTensor in = (CpuTensor) x;
    checkCols("gatherRows", out.cols(), in.cols());
    float[] row = new float[in.cols()];
    for (int r = 0; r < out.rows(); r++) {
      in.readRow(batch.logitRows[fromRow + r], row);
      out.writeRow(r, row);
    }
  }

  @Override
  public void scaleSoftcap(Tensor logits, float scale, float cap) {
    CpuTensor rows = (CpuTensor) logits;
    forRows(
        rows.rows(),
        (worker, from, to) -> {
          for (int r = from; r < to; r++) {
            for (int v = 0; v < rows.cols(); v++) {
              float value = rows.get(r, v) * scale;
              rows.set(r, v, cap == 0 ? value : cap * (float) Math.tanh(value / cap));
            }
          }
        });
  }

  @Override
  public void logprobs(Tensor logits, Batch batch, int fromRow) {
    logprobs.record((CpuTensor) logits, batch, fromRow);
  }

  @Override
  public void maskLogits(Tensor logits, Batch batch) {
    edits.mask((CpuTensor) logits, batch);
  }

  @Override
  public void applyPenalties(Tensor logits, Batch batch) {
    edits.penalise((CpuTensor) logits, batch);
  }

  @Override
  public void sample(Tensor logits, Batch batch) {
    sampler.sample((CpuTensor) logits, batch);
  }

  @Override
  public void chosenLogprobs(Batch batch) {
    logprobs.recordChosen(batch);
  }

  @Override
  public void feedTokens(Batch batch, Batch previous) {
    for (int t = 0; t < batch.tokens; t++) {
      if (batch.feedRows[t] >= 0) {
        batch.tokenIds[t] = previous.sampling.nextTokens[batch.feedRows[t]];
      }
    }
  }

  /** Splits rows over the workers; one row is run by the caller. */
  final void forRows(int rows, WorkerPool.Body body) {
    pool.run(rows, 1, body);
  }

  static void checkCols(String op, int actual, int expected) {
    if (actual != expected) {
      throw new IllegalArgumentException(op + ": " + actual + " columns, expected " + expected);
    }
  }

  static void checkRows(String op, Tensor y, Tensor x) {
    if (y.rows() != x.rows()) {
      throw new IllegalArgumentException(op + ": " + x.rows() + " rows in, " + y.rows() + " out");
    }
  }
}
