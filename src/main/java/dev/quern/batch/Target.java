package dev.quern.batch;

import dev.quern.batch.store.Output;
import java.nio.file.Path;

/**
 * Where a job's results go.
 *
 * @param output what keeps them over attempts; null for a stream
 * @param file the output's name; null for a stream
 * @param report the path of the report's files, without their ending; null for a stream
 * @param address where the complete file is put; null where it stays
 */
record Target(Results results, Output output, Path file, Path report, String address) {
  static Target stream(Results results) {
    return new Target(results, null, null, null, null);
  }
}
