package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.checkpoint.LoadReport;
import dev.quern.engine.Engine;
import dev.quern.engine.ServedModel;
import dev.quern.model.ModelSpec;
import dev.quern.settings.EngineSettings;
import java.util.List;
import java.util.Map;

/**
 * A model that runs: what its callers see, and what is behind it.
 *
 * @param report what loading the weights took
 * @param summary what was loaded, onto what, and the memory plan: a few lines for a log
 * @param backend what it runs on; its device may be measured while no request runs
 * @param identity what answers depend on beside the request, as names and short texts
 */
public record LoadedModel(
    ServedModel served,
    ModelSpec spec,
    LoadReport report,
    List<String> summary,
    Engine engine,
    Backend backend,
    Map<String, String> identity)
    implements AutoCloseable {
  /** The backend's name for its device. */
  public String device() {
    return backend.description();
  }

  /** Type of the stored keys and values. */
  public DType kvDtype() {
    return backend.activationType();
  }

  public EngineSettings settings() {
    return engine.settings();
  }

  /** Ends the engine and gives all memory back. */
  @Override
  public void close() {
    served.close();
  }
}
