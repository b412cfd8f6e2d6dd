package dev.quern.settings;

import io.smallrye.config.WithDefault;
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

  @Flag(value = "requests that may wait before more are refused; 0 = no bound", min = 0)
  @WithDefault("1024")
  int maxNumQueuedReqs();

  @Flag(value = "tokens of a KV block", min = 1, max = 1024)
  @WithDefault("16")
  int blockSize();

  @Flag("keep the KV of finished prompts for prompts that start alike")
  @WithDefault("true")
  boolean enablePrefixCaching();

  @Flag("split long prompts over several steps")
  @WithDefault("true")
  boolean enableChunkedPrefill();

  @Flag("where requests without a seed draw theirs from")
  @WithDefault("0")
  long seed();

  @Flag(value = "most log probabilities a request may ask for; -1 = the whole vocabulary", min = -1)
  @WithDefault("20")
  int maxLogprobs();
}
