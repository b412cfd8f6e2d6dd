package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.KvCache;
import dev.quern.checkpoint.LoadReport;
import dev.quern.engine.Engine;
import dev.quern.engine.ServedModel;
import dev.quern.model.ModelSpec;
import dev.quern.settings.EngineSettings;
import java.util.List;

/** A model that runs: what its callers see, and what is behind it. */
public final class LoadedModel implements AutoCloseable {
  private final ServedModel served;
  private final ModelSpec spec;
  private final LoadReport report;
  private final List<String> summary;
  private final Engine engine;
  private final KvCache kv;
  private final Backend backend;

  LoadedModel(
      ServedModel served,
      ModelSpec spec,
      LoadReport report,
      List<String> summary,
      Engine engine,
      KvCache kv,
      Backend backend) {
    this.served = served;
    this.spec = spec;
    this.report = report;
    this.summary = summary;
    this.engine = engine;
    this.kv = kv;
    this.backend = backend;
  }

  public ServedModel served() {
    return served;
  }

  public Engine engine() {
    return engine;
  }

  public ModelSpec spec() {
    return spec;
  }

  public EngineSettings settings() {
    return engine.settings();
  }

  /** What loading the weights took. */
  public LoadReport report() {
    return report;
  }

  /** The backend's name for its device. */
  public String device() {
    return backend.description();
  }

  /** What was loaded, onto what, and the memory plan: a few lines for a log. */
  public List<String> summary() {
    return summary;
  }

  /** Ends the engine and gives all memory back. */
  @Override
  public void close() {
    engine.close();
    kv.close();
    backend.close();
    if (served.tokenizer() != null) {
      served.tokenizer().close();
    }
  }
}
