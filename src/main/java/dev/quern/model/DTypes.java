package dev.quern.model;

import dev.quern.backend.DType;
import java.lang.System.Logger;
import java.util.Set;

/** Resolves {@code --dtype}: the type in which a model's weights are held. */
public final class DTypes {
  private static final Logger LOG = System.getLogger(DTypes.class.getName());

  /** Models whose activations overflow float16. */
  private static final Set<String> NO_F16 =
      Set.of("gemma2", "gemma3", "gemma3_text", "glm4", "plamo2");

  private static final String[] KEYS = {"dtype", "torch_dtype"};

  private DTypes() {}

  /**
   * {@code auto} takes the type of the config, of its text part, or of the stored tensors, and bf16
   * where that is fp32, as vLLM does: half the memory and half the time to read it.
   *
   * @param dtype {@code auto}, {@code bfloat16}, {@code float16}, {@code half}, {@code float32} or
   *     {@code float}
   * @param stored the type of the checkpoint's tensors, which counts where the config names none;
   *     null when not known
   */
  public static DType resolve(ModelConfig config, String dtype, DType stored) {
    boolean auto = dtype == null || dtype.equals("auto");
    DType resolved = auto ? ofConfig(config, stored) : named(dtype);
    if (auto && resolved == DType.F32) {
      return DType.BF16;
    }
    String modelType = config.stringOr("", "model_type");
    if (resolved != DType.F16 || !NO_F16.contains(modelType)) {
      return resolved;
    }
    if (!auto) {
      throw new ModelConfigException(
          "--dtype " + dtype + ": " + modelType + " overflows float16; use bfloat16 or float32");
    }
    LOG.log(
        Logger.Level.WARNING,
        "{0}: {1} overflows float16; its weights are held as bfloat16",
        config.source(),
        modelType);
    return DType.BF16;
  }

  /** Whether the config says in which type its weights are. */
  public static boolean named(ModelConfig config) {
    return config.text().find(KEYS) != null;
  }

  private static DType ofConfig(ModelConfig config, DType stored) {
    String key = config.find(KEYS);
    if (key == null) {
      return stored == null ? DType.F32 : stored;
    }
    String name = config.stringOr(null, key);
    String plain = name.startsWith("torch.") ? name.substring(6) : name;
    DType dtype = of(plain);
    if (dtype == null) {
      throw config.invalid(key, "must be bfloat16, float16 or float32");
    }
    return dtype;
  }

  private static DType named(String name) {
    DType dtype = of(name);
    if (dtype == null) {
      throw new ModelConfigException(
          "--dtype " + name + ": must be auto, bfloat16, float16, half, float32 or float");
    }
    return dtype;
  }

  private static DType of(String name) {
    return switch (name) {
      case "bfloat16" -> DType.BF16;
      case "float16", "half" -> DType.F16;
      case "float32", "float" -> DType.F32;
      default -> null;
    };
  }
}
