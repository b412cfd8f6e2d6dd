package dev.quern.settings;

/**
 * Every setting of Quern, declared once. A setting {@code max-model-len} is the flag {@code
 * --max-model-len}, the environment variable {@code QUERN_MAX_MODEL_LEN} and the key {@code
 * quern.max-model-len} in a file; a flag wins over the environment and that over a file. Names and
 * meanings are vLLM's wherever vLLM has the setting. Read it with {@link Settings}, which has
 * checked every value.
 */
public interface QuernConfig {
  @Flag("Model")
  ModelSettings model();

  @Flag("Chat")
  ChatSettings chat();

  @Flag("Engine")
  EngineFlags engine();

  @Flag("Device and memory")
  DeviceSettings device();

  @Flag("Server")
  ServerSettings server();
}
