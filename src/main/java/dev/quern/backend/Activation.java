package dev.quern.backend;

/** Element-wise activations; the names are those of {@code hidden_act} in transformers. */
public enum Activation {
  SILU,
  /** Exact: {@code x · Φ(x)} by erf. */
  GELU,
  /** The tanh approximation ({@code gelu_new}, {@code gelu_pytorch_tanh}, {@code gelu_fast}). */
  GELU_TANH,
  RELU,
  /** Squared ReLU (Nemotron, Arcee). */
  RELU2,
  /** {@code x · sigmoid(1.702 x)} ({@code quick_gelu}). */
  QUICK_GELU,
  /**
   * With four numbers per layer (Apertus, arXiv 2411.13010): {@code αp·x² + β·x} above 0, else
   * {@code αn·(expm1(min(x, ε)) - x) + β·x}.
   */
  XIELU
}
