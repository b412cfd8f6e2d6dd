package dev.quern.bench;

import dev.quern.backend.DType;
import dev.quern.engine.Generator;
import dev.quern.model.ModelSpec;
import java.util.function.Supplier;

/**
 * What is measured.
 *
 * @param model its name, for the report
 * @param device the backend's description
 * @param kvDtype type of the stored keys and values
 * @param limits measures the machine, with as many threads as the engine has
 */
public record BenchTarget(
    String model,
    String device,
    Generator engine,
    ModelSpec spec,
    DType kvDtype,
    Supplier<Limits> limits) {
  ModelCost cost() {
    return new ModelCost(spec, kvDtype);
  }
}
