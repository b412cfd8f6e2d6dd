package dev.quern.batch.store;

import java.nio.file.Path;

/**
 * An output and what stands beside it, in the folder {@code OUTPUT.job}.
 *
 * @param output appears when it is complete
 */
record JobFiles(Path output) {
  static final String SUFFIX = ".job";

  Path parent() {
    return output.toAbsolutePath().getParent();
  }

  Path folder() {
    return output.resolveSibling(output.getFileName() + SUFFIX);
  }

  /** The output until it is complete. */
  Path log() {
    return folder().resolve("results.jsonl");
  }

  Path index() {
    return folder().resolve("index");
  }

  Path manifest() {
    return folder().resolve("manifest.json");
  }

  Path lock() {
    return folder().resolve("lock");
  }

  Path scratch(String name) {
    return folder().resolve(name);
  }
}
