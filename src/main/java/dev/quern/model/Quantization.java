package dev.quern.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;

/** Quantised checkpoints are refused by the name of their method, before any weight is read. */
final class Quantization {
  private Quantization() {}

  static void refuse(ModelConfig config) {
    refuseIn(config);
    ModelConfig text = config.text();
    if (text != config) {
      refuseIn(text);
    }
  }

  private static void refuseIn(ModelConfig config) {
    for (String key : new String[] {"quantization_config", "compression_config"}) {
      if (config.present(key)) {
        ModelConfig quantization = config.child(key);
        String method = quantization.stringOr("an unnamed method", "quant_method", "quant_algo");
        throw refusal(config.source() + ": " + key, method);
      }
    }
  }

  /** {@code hf_quant_config.json}, which older ModelOpt checkpoints have beside the config. */
  static void refuseFile(Path file) {
    if (Files.exists(file)) {
      JsonNode method = ConfigJson.read(file).path("quantization").path("quant_algo");
      throw refusal(file.toString(), method.asText("an unnamed method"));
    }
  }

  private static ModelConfigException refusal(String where, String method) {
    return new ModelConfigException(
        where
            + ": the weights are quantised by "
            + method
            + ", which is not supported; use the checkpoint without quantisation");
  }
}
