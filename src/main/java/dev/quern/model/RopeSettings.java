package dev.quern.model;

import java.util.Set;

/**
 * The rotary settings of one kind of layer after every spelling is folded into one: {@code
 * rope_scaling} and {@code rope_parameters}, {@code type} and {@code rope_type}, theta and the
 * rotated share beside them or at the top of the config. Spellings that contradict each other are
 * refused.
 */
public final class RopeSettings {
  private static final String[] THETA = {"rope_theta", "rotary_emb_base"};
  private static final String[] PARTIAL = {
    "partial_rotary_factor", "rotary_pct", "rotary_emb_fraction"
  };
  private static final Set<String> LAYER_TYPES =
      Set.of("full_attention", "sliding_attention", "chunked_attention");

  /** Every value that the type needs, keyed as in transformers 5. */
  final ModelConfig values;

  final String type;
  final double theta;
  final double partial;

  private RopeSettings(ModelConfig values, String type, double theta, double partial) {
    this.values = values;
    this.type = type;
    this.theta = theta;
    this.partial = partial;
  }

  /**
   * @param config the language model's config
   * @param layerType {@code full_attention}, {@code sliding_attention}: whose settings to read
   *     where the config has one set per layer type
   * @param defaultTheta the family's base where the config has none
   * @param defaultShare the family's rotated share of a head where the config has none
   */
  public static RopeSettings read(
      ModelConfig config, String layerType, double defaultTheta, double defaultShare) {
    ModelConfig values = parameters(config, layerType);
    String type = type(values);
    if (type.equals("mrope")) {
      if (values.numbers("mrope_section").length == 0) {
        throw values.invalid("mrope_section", "is needed by the rope type mrope");
      }
      // All three axes of a text token have the same position, so the sections fall together.
      type = "default";
    }
    return new RopeSettings(
        values,
        type.equals("su") ? "longrope" : type,
        agreed(config, values, THETA, defaultTheta),
        share(config, values, defaultShare));
  }

  /** Settings of type default, whatever the config says. */
  public static RopeSettings plain(ModelConfig config, double theta) {
    return new RopeSettings(config.withoutValues(), "default", theta, 1);
  }

  /** The base that stands at the top of the config, or {@code fallback}. */
  public static double theta(ModelConfig config, double fallback) {
    return config.positiveOr(fallback, THETA);
  }

  /** Whether the config has one set of settings per layer type. */
  public static boolean perLayerType(ModelConfig config) {
    return config.isObject("rope_parameters") && nested(config.child("rope_parameters"));
  }

  public String type() {
    return type;
  }

  /**
   * The frequencies of a head.
   *
   * @param rotaryDim dimensions that rotate, or 0 for the settings' share of the head
   * @param maxPositions {@link ContextLength#positions}
   * @param contextTokens the longest sequence that will be run: it decides between longrope's short
   *     and long factors
   * @param interleaved pairs are neighbours instead of halves
   */
  public RopeSpec spec(
      int headDim, int rotaryDim, int maxPositions, int contextTokens, boolean interleaved) {
    return RopeFrequencies.of(this, headDim, rotaryDim, maxPositions, contextTokens, interleaved);
  }

  /** The extension factor, 1 where the type has none. */
  double factor() {
    return values.present("factor") ? values.positive("factor") : 1;
  }

  /** Tokens the model was trained on before its context was extended. */
  int originalTokens(int fallback) {
    return values.integerOr(fallback, 1, Limits.CONTEXT, "original_max_position_embeddings");
  }

  private static ModelConfig parameters(ModelConfig config, String layerType) {
    ModelConfig empty = config.withoutValues();
    ModelConfig newer = config.present("rope_parameters") ? config.child("rope_parameters") : empty;
    if (newer != empty && nested(newer)) {
      newer = newer.present(layerType) ? newer.child(layerType) : empty;
    }
    ModelConfig values = newer;
    if (config.present("rope_scaling")) {
      ModelConfig older = config.child("rope_scaling");
      if (!type(newer).equals("default") && !type(older).equals(type(newer))) {
        throw config.invalid("rope_scaling", "contradicts rope_parameters");
      }
      values = newer.overlaid(older);
    }
    // Phi 3 keeps the trained length at the top, and there it counts.
    return config.present("original_max_position_embeddings")
        ? values.with("original_max_position_embeddings", config)
        : values;
  }

  private static boolean nested(ModelConfig parameters) {
    return LAYER_TYPES.stream().anyMatch(parameters::isObject);
  }

  private static String type(ModelConfig values) {
    String newer = values.stringOr(null, "rope_type");
    String older = values.stringOr(null, "type");
    if (newer == null || older == null) {
      return newer != null ? newer : older != null ? older : "default";
    }
    boolean same =
        newer.equals(older)
            || Set.of(newer, older).equals(Set.of("su", "longrope"))
            || Set.of(newer, older).equals(Set.of("mrope", "default"));
    if (!same) {
      throw values.invalid("type", "contradicts rope_type = \"" + newer + "\"");
    }
    return newer;
  }

  /** A value that may stand in the rope settings, at the top of the config, or in both alike. */
  private static double agreed(
      ModelConfig config, ModelConfig values, String[] keys, double fallback) {
    String inner = values.find(keys);
    String outer = config.find(keys);
    if (inner == null) {
      return config.positiveOr(fallback, keys);
    }
    if (outer != null && values.positive(inner) != config.positive(outer)) {
      throw config.invalid(outer, "contradicts the " + inner + " of the rope settings");
    }
    return values.positive(keys);
  }

  private static double share(ModelConfig config, ModelConfig values, double fallback) {
    double share = agreed(config, values, PARTIAL, fallback);
    if (share > 1) {
      ModelConfig holder = values.find(PARTIAL) == null ? config : values;
      throw holder.invalid(holder.find(PARTIAL), "must be at most 1");
    }
    return share;
  }
}
