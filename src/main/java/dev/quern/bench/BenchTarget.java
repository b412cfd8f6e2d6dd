package dev.quern.bench;

import dev.quern.backend.DType;
import dev.quern.engine.Generator;
import dev.quern.model.ModelSpec;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is measured.
 *
 * @param model its name, for the report
 * @param device the backends' descriptions
 * @param devices engines, one a device
 * @param kvDtype type of the stored keys and values
 * @param profiler runs once more after the measurement and takes time by kernel; null for none
 * @param limits measures one device, the mean of all, with as many threads as the engine has
 */
public record BenchTarget(
    String model,
    String device,
    int devices,
    Generator engine,
    ModelSpec spec,
    DType kvDtype,
    Supplier<Limits> limits,
    Profiler profiler) {
  /** Takes time by kernel. */
  public interface Profiler {
    void start();

    /** What ran since the start, longest first. */
    List<KernelShare> stop();
  }

  ModelCost cost() {
    return new ModelCost(spec, kvDtype);
  }
}
