package dev.quern.backend;

import java.lang.foreign.MemorySegment;

/**
 * Where the rows of a {@link Weight} or vector come from. A weight is the concatenation of its
 * parts' rows, so that merged matrices (q, k and v; gate and up) are placed directly.
 */
public sealed interface WeightPart {
  /** Rows this part contributes. */
  int rows();

  /** Columns, the same for every part of a weight. */
  int cols();

  /**
   * Rows of a stored row-major matrix: {@code blocks} runs of {@code blockRows} rows, the first at
   * {@code firstRow} and each next one {@code strideRows} further (checkpoints that interleave q, k
   * and v by head).
   *
   * @param data the whole stored matrix, usually a mapped piece of the file; never copied into the
   *     heap
   * @param dtype type of the stored elements
   * @param storedRows rows of the stored matrix
   * @param storedCols columns of the stored matrix
   * @param transposed the stored matrix is [in, out]; runs then count its columns
   */
  record Stored(
      MemorySegment data,
      DType dtype,
      int storedRows,
      int storedCols,
      int firstRow,
      int blockRows,
      int strideRows,
      int blocks,
      boolean transposed)
      implements WeightPart {
    /** The whole stored matrix. */
    public static Stored whole(MemorySegment data, DType dtype, int rows, int cols) {
      return new Stored(data, dtype, rows, cols, 0, rows, rows, 1, false);
    }

    @Override
    public int rows() {
      return blockRows * blocks;
    }

    @Override
    public int cols() {
      return transposed ? storedRows : storedCols;
    }

    /** The stored row (or column, when transposed) that holds this part's row {@code row}. */
    public int storedRow(int row) {
      return firstRow + (row / blockRows) * strideRows + row % blockRows;
    }
  }

  /**
   * Seeded random values, uniform in ±{@code scale}, in whatever order the backend's layout makes
   * cheapest. The same seed gives the same weight on the same backend.
   *
   * @param sharedPages all such weights may lie on the same physical pages, so that a model costs
   *     no memory; never for timing
   */
  record Random(int rows, int cols, long seed, float scale, boolean sharedPages)
      implements WeightPart {}

  /** Every element is {@code value}. */
  record Constant(int rows, int cols, float value) implements WeightPart {}
}
