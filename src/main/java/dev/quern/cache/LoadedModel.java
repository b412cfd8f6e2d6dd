package dev.quern.cache;

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
 * @param device the backend's name for its device
 * @param kvDtype type of the stored keys and values
 * @param identity what answers depend on beside the request, as names and short texts
 */
public record LoadedModel(
    ServedModel served,
    ModelSpec spec,
    LoadReport report,
    List<String> summary,
    Engine engine,
    String device,
    DType kvDtype,
    Map<String, String> identity)
    implements AutoCloseable {
  public EngineSettings settings() {
    return engine.settings();
  }

  /** Ends the engine and gives all memory back. */
  @Override
  public void close() {
    served.close();
  }
}
