package dev.quern.backend.cpu;

import java.util.Arrays;

/**
 * The rows of an activation in the order in which the matrix kernels read them: tiles of a few
 * rows, [cols, height], one after the other. A tile that is not full repeats its last row up to a
 * height that a kernel has (8, 4, 2, 1).
 */
final class ActivationTiles {
  private static final int PIECE_COLS = 1024;

  /** Values that a worker packs at least: fewer take less time than telling it. */
  private static final int GRAIN_VALUES = 8192;

  private final long source;
  private final int rows;
  private final int cols;
  private final int most;
  private final int least;
  private float[] values;

  /**
   * @param most rows of a full tile
   * @param least rows of the smallest tile
   * @param room reused where it is large enough
   */
  ActivationTiles(CpuTensor x, int most, int least, float[] room) {
    source = x.address();
    rows = x.rows();
    cols = x.cols();
    this.most = most;
    this.least = least;
    int floats = Math.multiplyExact(count() * most, cols);
    values = room.length < floats ? new float[floats] : room;
  }

  int count() {
    return Math.ceilDiv(rows, most);
  }

  float[] values() {
    return values;
  }

  /** Rows of the kernel for a tile that begins at {@code row}. */
  int height(int row) {
    return Math.max(least, height(rows - row, most));
  }

  /** The least height of a kernel that takes {@code left} rows, or the most. */
  static int height(int left, int most) {
    if (left >= most) {
      return most;
    }
    return left > 4 ? 8 : left > 2 ? 4 : left;
  }

  /** Where column {@code col} of the tile at {@code row} lies in {@link #values}. */
  int at(int row, int col) {
    return row * cols + col * height(row);
  }

  /** Parts of the packing that workers may share: some columns of a tile each. */
  int pieces() {
    return count() * Math.ceilDiv(cols, PIECE_COLS);
  }

  /** Pieces that are worth a worker's while. */
  int grain() {
    return Math.max(1, GRAIN_VALUES / (Math.min(rows, most) * Math.min(cols, PIECE_COLS)));
  }

  /** Copies pieces {@code from … to-1}. */
  void pack(int from, int to) {
    int across = Math.ceilDiv(cols, PIECE_COLS);
    for (int piece = from; piece < to; piece++) {
      int row = piece / across * most;
      int col = piece % across * PIECE_COLS;
      pack(row, height(row), col, Math.min(cols, col + PIECE_COLS));
    }
  }

  private void pack(int row, int height, int from, int to) {
    int target = row * cols;
    if (height == 1) {
      long source = address(row);
      for (int k = from; k < to; k++) {
        values[target + k] = Lanes.get(source + k * 4L);
      }
    }
    for (int i = 0; i < height - 1; i += 2) {
      interleave(address(row + i), address(row + i + 1), target + i, height, from, to);
    }
  }

  private long address(int row) {
    return source + Math.min(row, rows - 1) * (cols * 4L);
  }

  private void interleave(long a, long b, int target, int height, int from, int to) {
    for (int k = from; k < to; k++) {
      values[target + k * height] = Lanes.get(a + k * 4L);
      values[target + k * height + 1] = Lanes.get(b + k * 4L);
    }
  }

  /** Floats that sums of 32 outputs take for rows {@code from … to-1}, whole tiles of them. */
  int sums(int from, int to) {
    return Math.ceilDiv(to - from, most) * most * PanelWeight.PANEL_ROWS;
  }

  static void clear(float[] sums, int count) {
    Arrays.fill(sums, 0, count, 0);
  }
}
