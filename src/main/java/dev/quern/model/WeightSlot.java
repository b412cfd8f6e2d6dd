package dev.quern.model;

import java.util.List;

/**
 * One weight that a model is bound from, and where its rows come from in a checkpoint.
 *
 * @param name our name of it, such as {@code layers.3.attention.qkv}
 * @param kind how it is held
 * @param rows rows (N); 1 for a vector
 * @param cols columns (K); the length of a vector
 * @param sources joined along the rows (along the columns for a vector)
 */
public record WeightSlot(String name, Kind kind, int rows, int cols, List<Source> sources) {
  /** How a slot's values are held and what dummy values it gets. */
  public enum Kind {
    MATRIX,
    NORM,
    BIAS
  }

  /**
   * Rows of one tensor of the checkpoint; see {@link dev.quern.backend.WeightPart.Stored} for the
   * runs of rows. A vector is a matrix of one row; runs of its elements are those of its transpose.
   *
   * @param tensor name in the checkpoint
   * @param storedRows expected rows of the stored tensor; 1 and the length for a vector
   * @param storedCols expected columns
   * @param transposed stored as [in, out]
   */
  public record Source(
      String tensor,
      int storedRows,
      int storedCols,
      int firstRow,
      int blockRows,
      int strideRows,
      int blocks,
      boolean transposed) {
    /** All of a stored matrix [rows, cols]. */
    public static Source whole(String tensor, int rows, int cols) {
      return new Source(tensor, rows, cols, 0, rows, rows, 1, false);
    }

    /** All of a stored vector of {@code length} elements. */
    public static Source vector(String tensor, int length) {
      return whole(tensor, 1, length);
    }
  }
}
