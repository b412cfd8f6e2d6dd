package dev.quern.backend;

/**
 * A matrix of the model in whatever layout its backend computes fastest with. {@code y[T,N] =
 * x[T,K] · W[N,K]ᵀ}: rows are output features, columns input features. Quantisation, when it comes,
 * is another kind of weight behind this interface.
 */
public interface Weight {
  /** Output features (N), or the vocabulary of an embedding table. */
  int rows();

  /** Input features (K), or the hidden size of an embedding table. */
  int cols();

  /** The element type held in memory. */
  DType dtype();

  /** Bytes held on the device for this weight alone; shared pages count 0. */
  long deviceBytes();
}
