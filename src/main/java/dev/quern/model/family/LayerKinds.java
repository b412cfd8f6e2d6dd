package dev.quern.model.family;

import dev.quern.model.ContextLength;
import dev.quern.model.Limits;
import dev.quern.model.ModelConfig;
import dev.quern.model.RopeSettings;
import dev.quern.model.RopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Which layers see only a window, and how each rotates. A layer is full or sliding; the two may
 * have rotary settings of their own, and single layers may have none.
 */
final class LayerKinds {
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  private final Blueprint blueprint;
  private int window;
  private IntPredicate sliding = layer -> false;

  /** Layers with rotary embedding. */
  IntPredicate rotates = layer -> true;

  /** False for a model without any rotary embedding. */
  boolean rotary = true;

  /** Base and rotated share of a head where the config has none. */
  double theta = 10_000;

  double share = 1;

  /** Dimensions of a head that rotate; 0 = the config's share. */
  int rotaryDim;

  /** JSON: the settings of a config that has none at all. */
  String ropeDefaults = "{}";

  boolean interleaved;

  /** Whether the context grows by the rope factor. */
  boolean stretch = true;

  /** Base of the sliding layers where the config has none; 0 = {@link #theta}. */
  double slidingTheta;

  private RopeSettings fullSettings;
  private RopeSettings slidingSettings;
  private RopeSpec fullRope;
  private RopeSpec slidingRope;

  LayerKinds(Blueprint blueprint) {
    this.blueprint = blueprint;
  }

  /** All layers see {@code sliding_window} tokens, or everything where that is null or 0. */
  void windowEverywhere() {
    slidingWhere(layer -> true);
  }

  /**
   * The layers that {@code layer_types} calls sliding, or, where the config has no such list, those
   * of {@code otherwise}, see {@code sliding_window} tokens.
   */
  void windowByLayerTypes(IntPredicate otherwise) {
    ModelConfig config = blueprint.config;
    if (!config.present("layer_types")) {
      slidingWhere(otherwise);
      return;
    }
    List<String> types = config.strings("layer_types");
    if (types.size() < blueprint.layers) {
      throw config.invalid("layer_types", "must name the type of " + blueprint.layers + " layers");
    }
    for (String type : types) {
      if (!type.equals(FULL) && !type.equals(SLIDING)) {
        throw config.invalid("layer_types", "the type " + type + " is not supported here");
      }
    }
    slidingWhere(layer -> types.get(layer).equals(SLIDING));
  }

  private void slidingWhere(IntPredicate where) {
    window = blueprint.config.integerOr(0, 0, Integer.MAX_VALUE, "sliding_window");
    sliding = window > 0 ? where : layer -> false;
  }

  boolean isSliding(int layer) {
    return sliding.test(layer);
  }

  int window(int layer) {
    return isSliding(layer) ? Math.min(window, Limits.CONTEXT) : 0;
  }

  RopeSpec rope(int layer) {
    if (!rotary || !rotates.test(layer)) {
      return null;
    }
    return isSliding(layer) ? slidingRope : fullRope;
  }

  /**
   * The sliding layers rotate plainly, at {@code base}, whatever the config's scaling: models whose
   * full layers alone were stretched. A config with settings for each layer type decides itself.
   */
  void slidingUnscaled(double base) {
    slidingTheta = base;
    if (!RopeSettings.perLayerType(blueprint.config)) {
      slidingSettings = RopeSettings.plain(blueprint.config, base);
    }
  }

  /** The config with rotary settings in it, the family's where it has none. */
  ModelConfig ropeConfig() {
    ModelConfig config = blueprint.config;
    boolean own = config.present("rope_parameters") || config.present("rope_scaling");
    return own ? config : config.withDefaults(ropeDefaults);
  }

  private double slidingTheta() {
    return slidingTheta == 0 ? theta : slidingTheta;
  }

  /** Reads the settings of all kinds. */
  List<RopeSettings> settings() {
    List<RopeSettings> all = new ArrayList<>();
    if (rotary) {
      ModelConfig config = ropeConfig();
      fullSettings = RopeSettings.read(config, FULL, theta, share);
      all.add(fullSettings);
      if (slidingSettings == null) {
        slidingSettings =
            RopeSettings.perLayerType(config)
                ? RopeSettings.read(config, SLIDING, slidingTheta(), share)
                : fullSettings;
      }
      if (slidingSettings != fullSettings) {
        all.add(slidingSettings);
      }
    }
    return all;
  }

  /** Computes the frequencies once the context is known. */
  void resolve(int contextTokens) {
    if (rotary) {
      fullRope = spec(fullSettings, contextTokens);
      slidingRope =
          slidingSettings == fullSettings ? fullRope : spec(slidingSettings, contextTokens);
    }
  }

  private RopeSpec spec(RopeSettings settings, int contextTokens) {
    int positions = ContextLength.positions(blueprint.config);
    return settings.spec(blueprint.headDim, rotaryDim, positions, contextTokens, interleaved);
  }
}
