package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.load;
import static dev.quern.backend.cpu.Lanes.store;

import dev.quern.backend.DType;
import jdk.incubator.vector.FloatVector;

/**
 * One matrix product over panels: y[T,N] = x[T,K] · Wᵀ + bias, or y += alpha · that.
 *
 * <p>Few rows stream bf16 panels straight through registers, so that memory is the limit. Many
 * rows, and the other types, take a panel some columns at a time: widened to fp32 once, it serves
 * all rows out of the nearest caches. Sums of a panel are kept as [T, 32] between the pieces, so
 * that every output is still one chain over K: the same bits as {@link ScalarLinear}, for any
 * number of rows.
 */
final class VectorLinear {
  private static final int PANEL_ROWS = PanelWeight.PANEL_ROWS;

  /** Rows from which widening bf16 pays. */
  private static final int MANY_ROWS = 24;

  /** Columns of two panels that stay in the nearest cache while a few tiles pass: 32 KiB. */
  private static final int STREAM_COLS = 256;

  /** Columns widened at a time: 32 KiB. */
  private static final int WIDE_COLS = 256;

  static final long WIDE_BYTES = (long) WIDE_COLS * PANEL_ROWS * Float.BYTES;

  /** Rows and panels of a block: their part of x and their sums take 512 KiB each. */
  private static final int BLOCK_ROWS = 512;

  private static final int BLOCK_PANELS = 8;

  /** Rows of a tile whose sums of 32 outputs, and the operands, fit the registers: 32, or 16. */
  static final int TILE_ROWS = LANES == 16 ? 8 : 4;

  /** The same where panels stream: eight rows of one panel, or two of two panels. */
  private static final int STREAM_ROWS = LANES == 16 ? 8 : 2;

  /** Fewer rows of several are filled up: a kernel more is one more to compile while lines wait. */
  private static final int STREAM_LEAST = LANES == 16 ? 4 : 2;

  private final CpuTensor y;
  private final PanelWeight weight;
  private final CpuTensor bias;
  private final boolean add;
  private final float alpha;
  private final boolean streams;
  private final int rows;
  private final ActivationTiles tiles;

  /**
   * y = x · Wᵀ + bias, or y += alpha · (x · Wᵀ + bias) where {@code add}.
   *
   * @param room for the tiles, where it is large enough
   */
  VectorLinear(
      CpuTensor y,
      CpuTensor x,
      PanelWeight weight,
      CpuTensor bias,
      boolean add,
      float alpha,
      float[] room) {
    this.y = y;
    this.weight = weight;
    this.bias = bias;
    this.add = add;
    this.alpha = alpha;
    rows = x.rows();
    streams = weight.dtype() == DType.BF16 && rows < MANY_ROWS;
    int least = rows == 1 || !streams ? 1 : STREAM_LEAST;
    tiles = new ActivationTiles(x, streams ? STREAM_ROWS : TILE_ROWS, least, room);
  }

  /** Filled by the caller before {@link #run}. */
  ActivationTiles tiles() {
    return tiles;
  }

  /** Units of work: panels, or pairs of them. */
  int units() {
    return streams ? Math.ceilDiv(weight.panels(), 2) : weight.panels();
  }

  /** Units to take at a time; with many rows a worker's even share in blocks. */
  int grain(int workers) {
    if (streams) {
      return rows == 1 ? 2 : 1;
    }
    int share = Math.ceilDiv(weight.panels(), workers);
    return Math.ceilDiv(share, Math.ceilDiv(share, BLOCK_PANELS));
  }

  /** The outputs of units {@code from … to-1}. */
  void run(int from, int to, Scratch scratch) {
    if (streams) {
      for (int pair = from; pair < to; pair += rows == 1 ? 2 : 1) {
        int last = Math.min(weight.panels(), 2 * to) - 1;
        if (rows == 1) {
          row(2 * pair, Math.min(2 * pair + 3, last), scratch);
        } else {
          stream(2 * pair, Math.min(2 * pair + 1, last), scratch);
        }
      }
      return;
    }
    for (int row = 0; row < rows; row += BLOCK_ROWS) {
      int end = Math.min(rows, row + BLOCK_ROWS);
      for (int panel = from; panel < to; panel += BLOCK_PANELS) {
        block(row, end, panel, Math.min(to, panel + BLOCK_PANELS), scratch);
      }
    }
  }

  /** One pass of up to four panels for one row; where there are fewer, the last passes again. */
  private void row(int first, int last, Scratch scratch) {
    float[] sums = scratch.floats(4 * PANEL_ROWS);
    ActivationTiles.clear(sums, 4 * PANEL_ROWS);
    Bf16Streams.row1(
        address(first),
        address(Math.min(first + 1, last)),
        address(Math.min(first + 2, last)),
        address(Math.min(first + 3, last)),
        weight.cols(),
        tiles.values(),
        tiles.at(0, 0),
        sums);
    for (int panel = first; panel <= last; panel++) {
      finish(panel, 0, sums, (panel - first) * PANEL_ROWS);
    }
  }

  /** One pass of two panels through all rows; {@code second} may be {@code first} again. */
  private void stream(int first, int second, Scratch scratch) {
    int panelSums = tiles.sums(0, rows);
    float[] sums = scratch.floats(2 * panelSums);
    ActivationTiles.clear(sums, 2 * panelSums);
    long p = address(first);
    long q = address(second);
    int cols = weight.cols();
    int piece = rows > STREAM_ROWS ? STREAM_COLS : cols;
    prefetchOutputs(first * PANEL_ROWS, Math.min(weight.rows(), (second + 1) * PANEL_ROWS));
    for (int col = 0; col < cols; col += piece) {
      int count = Math.min(piece, cols - col);
      long skip = col * (PANEL_ROWS * 2L);
      for (int row = 0; row < rows; row += STREAM_ROWS) {
        int at = row * PANEL_ROWS;
        int from = tiles.at(row, col);
        float[] x = tiles.values();
        switch (tiles.height(row)) {
          case 8 -> {
            Bf16Streams.rows8(p + skip, count, x, from, sums, at);
            if (second > first) {
              Bf16Streams.rows8(q + skip, count, x, from, sums, panelSums + at);
            }
          }
          case 4 -> Bf16Kernels.rows4(p + skip, q + skip, count, x, from, sums, at, panelSums + at);
          default ->
              Bf16Kernels.rows2(p + skip, q + skip, count, x, from, sums, at, panelSums + at);
        }
      }
    }
    for (int row = 0; row < rows; row++) {
      finish(first, row, sums, row * PANEL_ROWS);
      if (second > first) {
        finish(second, row, sums, panelSums + row * PANEL_ROWS);
      }
    }
  }

  /** Rows of y are far apart: one would wait for each of them in turn. */
  private void prefetchOutputs(int from, int to) {
    for (int row = 0; row < rows; row++) {
      for (int i = from; i < to; i += 16) {
        Lanes.prefetch(y.address() + ((long) row * y.cols() + i) * Float.BYTES);
      }
    }
  }

  /**
   * A block of rows times a few panels: at each piece of columns, the rows' part of x stays in the
   * second cache while the panels pass, and a panel's part in the first while the rows pass.
   */
  private void block(int row, int end, int panel, int panelEnd, Scratch scratch) {
    int cols = weight.cols();
    int panelSums = tiles.sums(row, end);
    float[] sums = scratch.floats((panelEnd - panel) * panelSums);
    ActivationTiles.clear(sums, (panelEnd - panel) * panelSums);
    for (int col = 0; col < cols; col += WIDE_COLS) {
      int count = Math.min(WIDE_COLS, cols - col);
      for (int p = panel; p < panelEnd; p++) {
        long part = address(p);
        part += (long) col * PANEL_ROWS * weight.dtype().bytes();
        if (weight.dtype() != DType.F32) {
          WidePanel.widen(weight.dtype(), part, count, scratch.wide());
          part = scratch.wide();
        }
        int at = (p - panel) * panelSums;
        for (int t = row; t < end; t += TILE_ROWS) {
          tile(part, col, count, t, sums, at + (t - row) * PANEL_ROWS);
        }
      }
    }
    for (int t = row; t < end; t++) {
      for (int p = panel; p < panelEnd; p++) {
        finish(p, t, sums, (p - panel) * panelSums + (t - row) * PANEL_ROWS);
      }
    }
  }

  private void tile(long part, int col, int count, int row, float[] sums, int at) {
    int from = tiles.at(row, col);
    switch (tiles.height(row)) {
      case 8 -> F32Kernels.rows8(part, 128, count, tiles.values(), from, sums, at);
      case 4 -> F32Kernels.rows4(part, 128, count, tiles.values(), from, sums, at);
      case 2 -> F32Kernels.rows2(part, 128, count, tiles.values(), from, sums, at);
      default -> F32Kernels.rows1(part, 128, count, tiles.values(), from, sums, at);
    }
  }

  private long address(int panel) {
    return weight.address() + weight.panelOffset(panel);
  }

  /** Adds the bias and writes a panel's outputs of one row. */
  private void finish(int panel, int row, float[] sums, int at) {
    int firstRow = panel * PANEL_ROWS;
    int outputs = Math.min(PANEL_ROWS, weight.rows() - firstRow);
    long out = y.address() + ((long) row * y.cols() + firstRow) * 4;
    for (int i = 0; i < outputs; i += LANES) {
      FloatVector value = FloatVector.fromArray(FLOATS, sums, at + i);
      if (bias != null) {
        value = value.add(load(bias.address() + (firstRow + i) * 4L, outputs - i));
      }
      if (add) {
        FloatVector old = load(out + i * 4L, outputs - i);
        value = value.fma(FloatVector.broadcast(FLOATS, alpha), old);
      }
      store(value, out + i * 4L, outputs - i);
    }
  }
}
