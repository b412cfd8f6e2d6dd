package dev.quern.backend.cpu;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.Linear;
import dev.quern.backend.Norm;
import dev.quern.backend.Tensor;

/**
 * The ops that take the time, with the Vector API; the others are those of {@link ScalarOps}. What
 * the definition of an op says of order holds here too: any batch, any chunks, the same bits.
 *
 * <p>This class and those it uses need {@code --add-modules jdk.incubator.vector}; nothing else
 * touches them.
 */
final class VectorOps extends ScalarOps {
  /** Values of a row-wise op that are worth a worker's while. */
  private static final int GRAIN_VALUES = 8192;

  private final Scratch[] scratch;

  /** Room for the tiles of an op's input. */
  private float[] room = new float[0];

  VectorOps(WorkerPool pool) {
    super(pool, new VectorLogitMath());
    scratch = Scratch.of(pool.workers());
  }

  /** How wide the vectors are. */
  static String width() {
    return Lanes.LANES * Float.SIZE + "-bit vectors";
  }

  @Override
  public void norm(Tensor y, Tensor x, Norm norm) {
    checkCols("norm", y.cols(), x.cols());
    int cols = x.cols();
    long out = ((CpuTensor) y).address();
    long in = ((CpuTensor) x).address();
    checkRows("norm", y, x);
    pool.run(
        x.rows(),
        grain(cols),
        (worker, from, to) -> {
          float[] lanes = new float[Lanes.LANES];
          for (long t = from; t < to; t++) {
            VectorNorm.apply(out + t * cols * 4, in + t * cols * 4, cols, norm, 0, lanes);
          }
        });
  }

  @Override
  void linear(CpuTensor y, CpuTensor x, PanelWeight weight, CpuTensor bias) {
    product(y, x, weight, bias, false, 1);
  }

  @Override
  public void linearAdd(Tensor y, Tensor x, Linear linear, float alpha, Tensor delta) {
    PanelWeight weight = checkLinear(y, x, linear);
    product((CpuTensor) y, (CpuTensor) x, weight, (CpuTensor) linear.bias(), true, alpha);
  }

  private void product(
      CpuTensor y, CpuTensor x, PanelWeight weight, CpuTensor bias, boolean add, float alpha) {
    VectorLinear product = new VectorLinear(y, x, weight, bias, add, alpha, room);
    room = product.tiles().values();
    ActivationTiles tiles = product.tiles();
    pool.run(tiles.pieces(), tiles.grain(), (worker, from, to) -> tiles.pack(from, to));
    pool.run(
        product.units(),
        product.grain(pool.workers()),
        (worker, from, to) -> product.run(from, to, scratch[worker]));
  }

  @Override
  public void qkNormRope(Tensor qkv, Attention attention, Batch batch) {
    if (attention.rope() != null && attention.rope().interleaved()) {
      super.qkNormRope(qkv, attention, batch);
      return;
    }
    checkCols("qkNormRope", qkv.cols(), attention.qkvCols());
    int cols = qkv.cols();
    long start = ((CpuTensor) qkv).address();
    pool.run(
        Math.min(batch.tokens, qkv.rows()),
        grain(cols),
        (worker, from, to) -> {
          float[] lanes = new float[Lanes.LANES];
          for (int t = from; t < to; t++) {
            long row = start + (long) t * cols * 4;
            VectorRows.qkNormRope(row, attention, batch.positions[t], lanes);
          }
        });
  }

  @Override
  void attention(
      CpuTensor y, CpuTensor x, CpuKvCache kv, int layer, Attention attention, Batch batch) {
    if (!VectorAttention.reads(kv)) {
      super.attention(y, x, kv, layer, attention, batch);
      return;
    }
    AttentionTiles tiles = AttentionTiles.of(batch, y.rows(), attention, pool.workers());
    pool.run(
        tiles.count(),
        1,
        (worker, from, to) -> {
          AttentionScratch own = scratch[worker].attention(attention.headDim());
          VectorAttention rows = new VectorAttention(y, x, kv, layer, attention, batch, own);
          for (int tile = from; tile < to; tile++) {
            tiles.run(tile, rows);
          }
        });
    tiles.clearPadding(y);
  }

  @Override
  public void activation(Tensor y, Tensor x, Activation activation, Tensor parameters) {
    checkCols("activation", y.cols(), x.cols());
    activate(y, x, activation, (CpuTensor) parameters, false);
  }

  @Override
  public void gatedActivation(Tensor y, Tensor x, Activation activation) {
    checkCols("gatedActivation", x.cols(), 2 * y.cols());
    activate(y, x, activation, null, true);
  }

  private void activate(
      Tensor y, Tensor x, Activation activation, CpuTensor parameters, boolean gated) {
    checkRows("activation", y, x);
    int cols = y.cols();
    long step = x.cols() * 4L;
    long out = ((CpuTensor) y).address();
    long in = ((CpuTensor) x).address();
    pool.run(
        x.rows(),
        grain(cols),
        (worker, from, to) -> {
          for (long t = from; t < to; t++) {
            long row = in + t * step;
            long factor = gated ? row + cols * 4L : 0;
            if (activation == Activation.XIELU && !gated) {
              VectorActivation.xielu(out + t * cols * 4, row, parameters, cols);
            } else {
              VectorActivation.apply(activation, out + t * cols * 4, row, factor, cols);
            }
          }
        });
  }

  @Override
  public void add(Tensor y, Tensor x, float alpha) {
    checkCols("add", y.cols(), x.cols());
    checkRows("add", y, x);
    int cols = x.cols();
    long out = ((CpuTensor) y).address();
    long in = ((CpuTensor) x).address();
    pool.run(
        x.rows(),
        grain(cols),
        (worker, from, to) ->
            VectorRows.add(
                out + (long) from * cols * 4,
                in + (long) from * cols * 4,
                alpha,
                (to - from) * cols));
  }

  @Override
  public void scaleSoftcap(Tensor logits, float scale, float cap) {
    int cols = logits.cols();
    long start = ((CpuTensor) logits).address();
    pool.run(
        logits.rows(),
        grain(cols),
        (worker, from, to) -> {
          for (long t = from; t < to; t++) {
            VectorRows.scaleSoftcap(start + t * cols * 4, scale, cap, cols);
          }
        });
  }

  /** Rows that make up enough work to share. */
  private static int grain(int cols) {
    return Math.max(1, GRAIN_VALUES / Math.max(1, cols));
  }
}
