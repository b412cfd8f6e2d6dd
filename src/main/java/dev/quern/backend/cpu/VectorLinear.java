package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.ALL;
import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.INTS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.LITTLE;
import static dev.quern.backend.cpu.Lanes.load;
import static dev.quern.backend.cpu.Lanes.store;

import dev.quern.backend.DType;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One matrix product over panels: y[T,N] = x[T,K] · Wᵀ + bias, or y += alpha · that.
 *
 * <p>First {@link #packTiles} copies x into tiles of a few rows, [K, rows of the tile], the order
 * in which the kernels read it; then {@link #panels} makes the outputs of a range of panels. Few
 * rows stream bf16 panels straight through registers. Many rows, and fp16 always, take a panel some
 * columns at a time: widened to fp32 once, it serves all rows out of the nearest caches. Sums of a
 * panel are kept as [T, 32] between the pieces, so that every output is still one chain over K: the
 * same bits as {@link ScalarLinear}, for any number of rows.
 */
final class VectorLinear {
  private static final int PANEL_ROWS = PanelWeight.PANEL_ROWS;

  /** Rows from which widening a panel pays for bf16. */
  private static final int WIDEN_FROM_ROWS = 24;

  /** Columns widened at a time: 32 KiB. */
  private static final int WIDE_COLS = 256;

  /** Rows and panels of a block: their sums and part of x take 512 KiB each. */
  private static final int BLOCK_ROWS = 512;

  private static final int BLOCK_PANELS = 8;

  /** Sums that the rows of a last tile past the end may write. */
  private static final int SPARE = 8 * PANEL_ROWS;

  /** Rows of a tile: with 8 rows 16 sums and the operands fit 32 registers; narrow ones have 16. */
  static final int TILE_ROWS = LANES == 16 ? 8 : 4;

  /** Columns of {@link Scratch#wide}, in bytes. */
  static final long WIDE_BYTES = (long) WIDE_COLS * PANEL_ROWS * Float.BYTES;

  private final CpuTensor y;
  private final CpuTensor x;
  private final PanelWeight weight;
  private final CpuTensor bias;
  private final boolean add;
  private final float alpha;
  private final float[] tiles;

  /**
   * y = x · Wᵀ + bias, or y += alpha · (x · Wᵀ + bias) where {@code add}.
   *
   * @param tiles room for {@link #tileFloats}
   */
  VectorLinear(
      CpuTensor y,
      CpuTensor x,
      PanelWeight weight,
      CpuTensor bias,
      boolean add,
      float alpha,
      float[] tiles) {
    this.y = y;
    this.x = x;
    this.weight = weight;
    this.bias = bias;
    this.add = add;
    this.alpha = alpha;
    this.tiles = tiles;
  }

  /** Floats that the tiles of rows·cols activations take, the last tile filled up. */
  static int tileFloats(int rows, int cols) {
    return Math.multiplyExact(Math.ceilDiv(rows, TILE_ROWS) * TILE_ROWS, cols);
  }

  static int tiles(int rows) {
    return Math.ceilDiv(rows, TILE_ROWS);
  }

  /** Rows of a kernel that takes {@code left} rows or the first of them. */
  static int tileRows(int left) {
    if (left > 4 && TILE_ROWS == 8) {
      return 8;
    }
    return left > 2 ? 4 : left;
  }

  /** Copies tiles {@code from … to-1} of x; rows past the end repeat the last. */
  void packTiles(int from, int to) {
    int cols = x.cols();
    long step = cols * 4L;
    for (int tile = from; tile < to; tile++) {
      int row = tile * TILE_ROWS;
      int left = x.rows() - row;
      int height = tileRows(left);
      long source = x.address() + row * step;
      int target = row * cols;
      for (int i = 0; i < height; i += 2) {
        long a = source + Math.min(i, left - 1) * step;
        long b = source + Math.min(i + 1, left - 1) * step;
        if (height == 1) {
          copyRow(a, target, cols);
        } else {
          interleave(a, b, target + i, height, cols);
        }
      }
    }
  }

  private void copyRow(long source, int target, int cols) {
    for (int k = 0; k < cols; k++) {
      tiles[target + k] = Lanes.get(source + k * 4L);
    }
  }

  private void interleave(long a, long b, int target, int height, int cols) {
    for (int k = 0; k < cols; k++) {
      tiles[target + k * height] = Lanes.get(a + k * 4L);
      tiles[target + k * height + 1] = Lanes.get(b + k * 4L);
    }
  }

  /** The outputs of panels {@code from … to-1}, once all tiles are packed. */
  void panels(int from, int to, Scratch scratch) {
    if (x.rows() < WIDEN_FROM_ROWS) {
      for (int panel = from; panel < to; panel++) {
        fewRows(panel, scratch);
      }
    } else {
      for (int row = 0; row < x.rows(); row += BLOCK_ROWS) {
        int end = Math.min(x.rows(), row + BLOCK_ROWS);
        for (int panel = from; panel < to; panel += BLOCK_PANELS) {
          manyRows(row, end, panel, Math.min(to, panel + BLOCK_PANELS), scratch);
        }
      }
    }
  }

  /** One pass over the panel, all rows at each column. */
  private void fewRows(int panel, Scratch scratch) {
    int rows = x.rows();
    int cols = weight.cols();
    float[] sums = scratch.floats(rows * PANEL_ROWS + SPARE);
    Arrays.fill(sums, 0, rows * PANEL_ROWS + SPARE, 0);
    long start = weight.address() + weight.panelOffset(panel);
    boolean widen = weight.dtype() == DType.F16;
    int piece = widen ? WIDE_COLS : cols;
    for (int col = 0; col < cols; col += piece) {
      int count = Math.min(piece, cols - col);
      long part = start + (long) col * PANEL_ROWS * weight.dtype().bytes();
      if (widen) {
        widen(part, count, scratch.wide());
        part = scratch.wide();
      }
      for (int row = 0; row < rows; row += TILE_ROWS) {
        tile(part, col, count, row, weight.dtype() == DType.BF16, sums, row * PANEL_ROWS);
      }
    }
    finish(panel, 0, rows, sums, 0);
  }

  /**
   * A block of rows times a few panels: at each piece of columns, the rows' part of x stays in the
   * second cache while the panels pass, and a panel's part in the first while the rows pass.
   */
  private void manyRows(int row, int end, int panel, int panelEnd, Scratch scratch) {
    int cols = weight.cols();
    int panelSums = Math.ceilDiv(end - row, TILE_ROWS) * TILE_ROWS * PANEL_ROWS;
    float[] sums = scratch.floats((panelEnd - panel) * panelSums);
    Arrays.fill(sums, 0, (panelEnd - panel) * panelSums, 0);
    for (int col = 0; col < cols; col += WIDE_COLS) {
      int count = Math.min(WIDE_COLS, cols - col);
      for (int p = panel; p < panelEnd; p++) {
        long part = weight.address() + weight.panelOffset(p);
        part += (long) col * PANEL_ROWS * weight.dtype().bytes();
        if (weight.dtype() != DType.F32) {
          widen(part, count, scratch.wide());
          part = scratch.wide();
        }
        int at = (p - panel) * panelSums;
        for (int t = row; t < end; t += TILE_ROWS) {
          tile(part, col, count, t, false, sums, at + (t - row) * PANEL_ROWS);
        }
      }
    }
    for (int p = panel; p < panelEnd; p++) {
      finish(p, row, end, sums, (p - panel) * panelSums);
    }
  }

  /**
   * Panels that are taken at a time: one while few rows wait for memory; with many rows as much of
   * a worker's even share as fits {@link #BLOCK_PANELS}.
   */
  int grain(int workers) {
    if (x.rows() < WIDEN_FROM_ROWS) {
      return 1;
    }
    int share = Math.ceilDiv(weight.panels(), workers);
    return Math.ceilDiv(share, Math.ceilDiv(share, BLOCK_PANELS));
  }

  /** The rows of one tile times some columns of a panel. */
  private void tile(long part, int col, int count, int row, boolean bf16, float[] sums, int at) {
    int height = tileRows(x.rows() - row);
    int from = row * x.cols() + col * height;
    if (bf16) {
      switch (height) {
        case 8 -> Bf16Kernels.rows8(part, count, tiles, from, sums, at);
        case 4 -> Bf16Kernels.rows4(part, count, tiles, from, sums, at);
        case 2 -> Bf16Kernels.rows2(part, count, tiles, from, sums, at);
        default -> Bf16Kernels.rows1(part, count, tiles, from, sums, at);
      }
    } else {
      switch (height) {
        case 8 -> F32Kernels.rows8(part, 128, count, tiles, from, sums, at);
        case 4 -> F32Kernels.rows4(part, 128, count, tiles, from, sums, at);
        case 2 -> F32Kernels.rows2(part, 128, count, tiles, from, sums, at);
        default -> F32Kernels.rows1(part, 128, count, tiles, from, sums, at);
      }
    }
  }

  /** Adds the bias and writes a panel's outputs of rows {@code row … end-1}. */
  private void finish(int panel, int row, int end, float[] sums, int at) {
    int firstRow = panel * PANEL_ROWS;
    int outputs = Math.min(PANEL_ROWS, weight.rows() - firstRow);
    long shifts = bias == null ? 0 : bias.address() + firstRow * 4L;
    long first = y.address() + firstRow * 4L;
    for (int t = row; t < end; t++) {
      long out = first + (long) t * y.cols() * 4;
      for (int i = 0; i < outputs; i += LANES) {
        FloatVector value = FloatVector.fromArray(FLOATS, sums, at + (t - row) * PANEL_ROWS + i);
        if (bias != null) {
          value = value.add(load(shifts + i * 4L, outputs - i));
        }
        if (add) {
          FloatVector old = load(out + i * 4L, outputs - i);
          value = value.fma(FloatVector.broadcast(FLOATS, alpha), old);
        }
        store(value, out + i * 4L, outputs - i);
      }
    }
  }

  /** Widens columns of a 16-bit panel to [count, 32] floats. */
  private void widen(long part, int count, long target) {
    if (weight.dtype() == DType.BF16) {
      for (int i = 0; i < count * 16; i += LANES) {
        IntVector pairs = IntVector.fromMemorySegment(INTS, ALL, part + i * 4L, LITTLE);
        long out = target + (i / 16 * 32 + i % 16) * 4L;
        store(pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), out);
        store(pairs.and(0xffff_0000).reinterpretAsFloats(), out + 64);
      }
    } else {
      for (int i = 0; i < count * 16; i += LANES) {
        IntVector pairs = IntVector.fromMemorySegment(INTS, ALL, part + i * 4L, LITTLE);
        long out = target + (i / 16 * 32 + i % 16) * 4L;
        store(VectorMath.highHalfs(pairs.lanewise(VectorOperators.LSHL, 16)), out);
        store(VectorMath.highHalfs(pairs), out + 64);
      }
    }
  }
}
