package dev.quern.model.family;

import java.util.List;
import java.util.function.Consumer;

/**
 * One family of models.
 *
 * @param architectures the names in {@code architectures} that it serves
 * @param modelTypes the {@code model_type}s, for a config that names no architecture
 * @param defaults JSON: values that the family's config class has in transformers where {@code
 *     config.json} leaves a key out
 * @param description sets what differs from the blueprint's Llama-like start
 */
record Family(
    List<String> architectures,
    List<String> modelTypes,
    String defaults,
    Consumer<Blueprint> description) {}
