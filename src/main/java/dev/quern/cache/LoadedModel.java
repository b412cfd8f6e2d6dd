package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.checkpoint.LoadReport;
import dev.quern.engine.Generator;
import dev.quern.engine.ServedModel;
import dev.quern.model.ModelSpec;
import dev.quern.settings.EngineSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A model that runs: what its callers see, and what is behind it.
 *
 * @param report what loading the weights took
 * @param summary what was loaded, onto what, and the memory plan: a few lines for a log
 * @param backends what it runs on, one each for its engines; they may be measured while no request
 *     runs
 * @param identity what answers depend on beside the request
 */
public record LoadedModel(
    ServedModel served,
    ModelSpec spec,
    LoadReport report,
    List<String> summary,
    Generator engine,
    List<Backend> backends,
    Identity identity)
    implements AutoCloseable {
  /** What tells a model from others that may answer otherwise. */
  public interface Identity {
    /**
     * Reads the model's files, some megabytes of them, when it is first called.
     *
     * @return names and short texts
     * @throws IOException where a file is not there any more
     */
    Map<String, String> read() throws IOException;
  }

  /** Of the first engine. */
  public Backend backend() {
    return backends.getFirst();
  }

  /** The backends' names for their devices. */
  public String device() {
    return backends.stream().map(Backend::description).collect(Collectors.joining(", "));
  }

  /** Type of the stored keys and values. */
  public DType kvDtype() {
    return backend().activationType();
  }

  public EngineSettings settings() {
    return engine.settings();
  }

  /** Ends the engines and gives all memory back. */
  @Override
  public void close() {
    served.close();
  }
}
