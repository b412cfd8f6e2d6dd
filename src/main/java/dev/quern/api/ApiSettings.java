package dev.quern.api;

import dev.quern.openai.Policy;
import java.util.List;

/**
 * How the server behaves.
 *
 * @param apiKeys one of them must come with each request; empty = none needed
 */
public record ApiSettings(List<String> apiKeys, Policy policy) {
  public ApiSettings {
    apiKeys = List.copyOf(apiKeys);
  }

  @Override
  public String toString() {
    return "ApiSettings[" + apiKeys.size() + " keys, " + policy + "]";
  }
}
