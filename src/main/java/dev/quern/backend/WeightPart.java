package dev.quern.backend;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

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
   * Holds the data to the shape.
   *
   * @param name of the weight, for the error
   * @throws IllegalArgumentException where the data is not of the shape, or lacks rows
   */
  default void check(String name) {}

  /**
   * The rows of a matrix of these parts.
   *
   * @param name of the weight, for the error
   * @throws IllegalArgumentException where the parts make no matrix
   */
  static int rows(String name, List<WeightPart> parts) {
    int rows = 0;
    int cols = parts.getFirst().cols();
    for (WeightPart part : parts) {
      if (part.cols() != cols || part.rows() < 1 || cols < 1) {
        throw new IllegalArgumentException(
            "%s: a part of shape [%d,%d] among parts of %d columns"
                .formatted(name, part.rows(), part.cols(), cols));
      }
      part.check(name);
      rows = Math.addExact(rows, part.rows());
    }
    return rows;
  }

  /** Bytes of a file from {@code offset} on. */
  record FilePlace(Path path, long offset) {
    /** The place so many bytes further. */
    public FilePlace plus(long bytes) {
      return new FilePlace(path, offset + bytes);
    }
  }

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
   * @param file where {@code data} lies in a file, for backends that rather read than map; null
   *     where it lies in memory alone
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
      boolean transposed,
      FilePlace file)
      implements WeightPart {
    /** The whole stored matrix, in memory. */
    public static Stored whole(MemorySegment data, DType dtype, int rows, int cols) {
      return new Stored(data, dtype, rows, cols, 0, rows, rows, 1, false, null);
    }

    @Override
    public int rows() {
      return blockRows * blocks;
    }

    @Override
    public int cols() {
      return transposed ? storedRows : storedCols;
    }

    @Override
    public void check(String name) {
      long bytes = (long) storedRows * storedCols * dtype.bytes();
      if (data.byteSize() != bytes) {
        throw new IllegalArgumentException(
            "%s: [%d,%d] %s is %d bytes, the data has %d"
                .formatted(
                    name, storedRows, storedCols, dtype.torchName(), bytes, data.byteSize()));
      }
      int limit = transposed ? storedCols : storedRows;
      long last = firstRow + (blocks - 1L) * strideRows + blockRows;
      if (firstRow < 0 || blockRows < 1 || blocks < 1 || last > limit) {
        throw new IllegalArgumentException(
            "%s: rows %d … %d of a stored matrix with %d".formatted(name, firstRow, last, limit));
      }
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
