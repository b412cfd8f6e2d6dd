package dev.quern.settings;

import java.util.List;
import java.util.Optional;

/** The HTTP server. */
public interface ServerSettings {
  @Flag(value = "address to listen on", defaultsTo = "0.0.0.0")
  String host();

  @Flag(
      value = "port to listen on; the variable PORT sets it too; 0 = any free one",
      min = 0,
      max = 65535,
      defaultsTo = "8000")
  int port();

  @Flag(value = "keys of which a request must bring one; unset = none needed", secret = true)
  Optional<List<String>> apiKey();

  @Flag(
      value = "usage says how many prompt tokens came from the prefix cache",
      defaultsTo = "false")
  boolean enablePromptTokensDetails();

  @Flag(value = "usage is sent at the end of every stream, asked for or not", defaultsTo = "false")
  boolean enableForceIncludeUsage();

  @Flag(
      value = "seconds that running requests get to finish at shutdown",
      min = 0,
      max = 3600,
      defaultsTo = "8")
  int shutdownTimeout();
}
