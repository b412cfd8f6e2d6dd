package dev.quern.cache;

import dev.quern.checkpoint.LoadFormat;
import dev.quern.hub.ModelFiles;
import dev.quern.model.ModelConfig;
import dev.quern.model.family.Description;

/**
 * A model that Quern can run, as far as its config tells.
 *
 * @param config Hugging Face's {@code config.json}, or what Mistral's {@code params.json} says in
 *     its terms
 * @param format of the weights; never {@link LoadFormat#AUTO}
 */
public record FoundModel(
    ModelFiles files, ModelConfig config, Description description, LoadFormat format) {
  FoundModel at(ModelFiles others) {
    return new FoundModel(others, config, description, format);
  }
}
