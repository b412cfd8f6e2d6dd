package dev.quern.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;

/**
 * Every setting of Quern, declared once. A setting {@code max-model-len} is the flag {@code
 * --max-model-len}, the environment variable {@code QUERN_MAX_MODEL_LEN} and the key {@code
 * quern.max-model-len} in a file; a flag wins over the environment and that over a file. Names and
 * meanings are vLLM's wherever vLLM has the setting. Read it with {@link Settings}, which has
 * checked every value.
 */
@ConfigMapping(prefix = "quern")
public interface QuernConfig {
  @Flag("Model")
  @WithParentName
  ModelSettings model();

  @Flag("Chat")
  @WithParentName
  ChatSettings chat();

  @Flag("Engine")
  @WithParentName
  EngineFlags engine();

  @Flag("Device and memory")
  @WithParentName
  DeviceSettings device();

  @Flag("Server")
  @WithParentName
  ServerSettings server();
}
