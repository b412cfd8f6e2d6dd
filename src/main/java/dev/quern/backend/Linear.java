package dev.quern.backend;

/** A bound linear map: {@code y = x · weightᵀ + bias}; {@code bias} [1,N] may be null. */
public record Linear(Weight weight, Tensor bias) {
  /**
   * Holds {@code y[T,N] = linear(x[T,K])} to the weight's shape.
   *
   * @throws IllegalArgumentException where one of them has another
   */
  public void check(Tensor y, Tensor x) {
    if (x.cols() != weight.cols()
        || y.cols() != weight.rows()
        || y.rows() != x.rows()
        || bias != null && bias.cols() != weight.rows()) {
      throw new IllegalArgumentException(
          "linear: [%d,%d] times a weight of [%d,%d]%s to [%d,%d]"
              .formatted(
                  x.rows(),
                  x.cols(),
                  weight.rows(),
                  weight.cols(),
                  bias == null ? "" : " with a bias of " + bias.cols(),
                  y.rows(),
                  y.cols()));
    }
  }
}
