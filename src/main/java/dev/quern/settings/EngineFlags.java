package dev.quern.settings;

import java.util.OptionalInt;

/** Scheduling and caching, as asked for; {@link EngineSettings} has them resolved. */
public interface EngineFlags {
  @Flag(
      value = "most sequences that run at a time; unset = chosen for the device",
      min = 1,
      max = 65536)
  OptionalInt maxNumSeqs();

  @Flag(
      value = "most tokens of a step, over all sequences; unset = chosen for the device",
      min = 1,
      max = 1 << 20)
  OptionalInt maxNumBatchedTokens();

  @Flag(
      value = "requests that may wait before more are refused; 0 = no bound",
      min = 0,
      defaultsTo = "1024")
  int maxNumQueuedReqs();

  @Flag(value = "tokens of a KV block", min = 1, max = 1024, defaultsTo = "16")
  int blockSize();

  @Flag(value = "keep the KV of finished prompts for prompts that start alike", defaultsTo = "true")
  boolean enablePrefixCaching();

  @Flag(value = "split long prompts over several steps", defaultsTo = "true")
  boolean enableChunkedPrefill();

  @Flag(value = "where requests without a seed draw theirs from", defaultsTo = "0")
  long seed();

  @Flag(
      value = "most log probabilities a request may ask for; -1 = the whole vocabulary",
      min = -1,
      defaultsTo = "20")
  int maxLogprobs();
}
