package dev.quern.model.family;

import dev.quern.backend.Activation;
import dev.quern.model.ModelConfig;

/** The names that configs use for activations. */
final class Activations {
  private Activations() {}

  /** The activation at the first of the keys that is there. */
  static Activation named(ModelConfig config, String... keys) {
    String name = config.stringOr("silu", keys);
    return switch (name) {
      case "silu", "swish" -> Activation.SILU;
      case "gelu" -> Activation.GELU;
      case "gelu_new", "gelu_fast", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "relu" -> Activation.RELU;
      case "relu2" -> Activation.RELU2;
      case "xielu" -> Activation.XIELU;
      default ->
          throw config.invalid(
              config.find(keys),
              "this activation is not supported; silu, gelu, gelu_new, gelu_fast,"
                  + " gelu_pytorch_tanh, quick_gelu, relu, relu2 and xielu are");
    };
  }
}
