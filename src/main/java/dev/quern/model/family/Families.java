package dev.quern.model.family;

import dev.quern.model.ModelConfig;
import dev.quern.model.ModelConfigException;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** The registry of model families: {@code config.json} → spec and weight plan. */
public final class Families {
  private static final List<Family> ALL =
      List.of(
          Llama.FAMILY,
          Mistral.FAMILY,
          Qwen2.FAMILY,
          Qwen3.FAMILY,
          Gemma.FAMILY,
          Gemma2.FAMILY,
          Gemma3.FAMILY,
          Phi.FAMILY,
          Phi3.FAMILY,
          Granite.FAMILY,
          Olmo.FAMILY,
          Olmo2.FAMILY,
          Olmo3.FAMILY,
          StableLm.FAMILY,
          Starcoder2.FAMILY,
          Gpt2.FAMILY,
          GptBigCode.FAMILY,
          GptNeoX.FAMILY,
          GptJ.FAMILY,
          Opt.FAMILY,
          Falcon.FAMILY,
          Bloom.FAMILY,
          Mpt.FAMILY,
          Cohere.FAMILY,
          Cohere2.FAMILY,
          Nemotron.FAMILY,
          Exaone4.FAMILY,
          Glm.FAMILY,
          Glm4.FAMILY,
          SmolLm3.FAMILY,
          Arcee.FAMILY,
          SeedOss.FAMILY,
          Ernie45.FAMILY,
          Cwm.FAMILY,
          Helium.FAMILY,
          HunYuanDense.FAMILY,
          Ministral3.FAMILY,
          Apertus.FAMILY,
          Ministral.FAMILY,
          Mistral3.FAMILY);

  private static final Set<String> CONSOLIDATED =
      Set.of("MistralForCausalLM", "MinistralForCausalLM", "Ministral3ForCausalLM");

  private Families() {}

  /** The names of all supported architectures, sorted. */
  public static List<String> architectures() {
    List<String> names = new ArrayList<>();
    for (Family family : ALL) {
      names.addAll(family.architectures());
    }
    Collections.sort(names);
    return names;
  }

  /** All families, in the order in which they came. */
  static List<Family> all() {
    return ALL;
  }

  /**
   * A model's spec and weight plan.
   *
   * @throws ModelConfigException for an architecture that is not supported and for a config that
   *     cannot be run
   */
  public static Description describe(ModelConfig config, SpecOptions options) {
    Blueprint blueprint = blueprint(config);
    ModelSpec spec = blueprint.build(config, options);
    return new Description(spec, WeightPlans.of(spec, blueprint.names));
  }

  /**
   * The same for weights in Mistral's own files, which have other names and another order of rows.
   *
   * @throws ModelConfigException also for a family whose models Mistral does not publish
   */
  public static Description describeConsolidated(ModelConfig config, SpecOptions options) {
    if (!CONSOLIDATED.contains(architecture(config))) {
      throw new ModelConfigException(
          "%s: %s has no weights in Mistral's own format; --load-format hf reads others"
              .formatted(config.source(), architecture(config)));
    }
    ModelSpec spec = blueprint(config).build(config, options);
    return new Description(spec, WeightPlans.of(spec, TensorNames.ofMistral()));
  }

  /** The spec alone, at the longest context that the config allows. */
  public static ModelSpec spec(ModelConfig config, String dtype) {
    return describe(config, new SpecOptions(dtype, null, 0)).spec();
  }

  /** The weight plan of a spec made from {@code config}. */
  public static WeightPlan weights(ModelConfig config, ModelSpec spec) {
    return WeightPlans.of(spec, blueprint(config).names);
  }

  private static Blueprint blueprint(ModelConfig config) {
    Family family = family(config);
    Blueprint blueprint = new Blueprint(config.text().withDefaults(family.defaults()));
    family.description().accept(blueprint);
    return blueprint;
  }

  /** The architecture that a config is run as. */
  static String architecture(ModelConfig config) {
    List<String> names = config.strings("architectures");
    for (String name : names) {
      if (byArchitecture(name) != null) {
        return name;
      }
    }
    Family family = names.isEmpty() ? byModelType(config) : null;
    if (family == null) {
      throw UnknownArchitecture.error(config, names, architectures());
    }
    return family.architectures().getFirst();
  }

  private static Family family(ModelConfig config) {
    Family family = byArchitecture(architecture(config));
    return family == Mistral3.FAMILY ? Mistral3.of(config.text()) : family;
  }

  private static Family byArchitecture(String name) {
    for (Family family : ALL) {
      if (family.architectures().contains(name)) {
        return family;
      }
    }
    return null;
  }

  private static Family byModelType(ModelConfig config) {
    String type = config.stringOr("", "model_type");
    for (Family family : ALL) {
      if (family.modelTypes().contains(type)) {
        return family;
      }
    }
    return null;
  }
}
