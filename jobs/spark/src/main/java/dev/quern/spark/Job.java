package dev.quern.spark;

import java.io.Serializable;
import java.util.Map;

/**
 * What executors run; travels with the tasks.
 *
 * @param app the application's folder ({@code target/quarkus-app}) on the executors; one that is
 *     not absolute is looked for where {@code spark.archives} are unpacked
 * @param model built-in id, folder or Hugging Face name
 * @param flags the command line's flags without their dashes
 * @param maxTokens of an answer
 * @param temperature null = the model's own
 */
public record Job(
    String app, String model, Map<String, String> flags, int maxTokens, Float temperature)
    implements Serializable {
  public Job {
    flags = Map.copyOf(flags);
  }
}
