package dev.quern.backend;

/**
 * A row-major matrix on a device, opaque to everything but its backend. Activations, the bound norm
 * weights and biases (one row), and logits are tensors; matrices of the model are {@link Weight}s.
 */
public interface Tensor {
  DType dtype();

  int rows();

  int cols();

  /** A view of {@code count} rows from row {@code from}; allocates no device memory. */
  Tensor rows(int from, int count);

  /** A view of the first {@code rows · cols} elements as a dense matrix of that shape. */
  Tensor shape(int rows, int cols);
}
