package dev.quern.openai;

import dev.quern.engine.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * What stands at the top of an answer and of each of its chunks.
 *
 * @param created seconds since 1970
 */
record AnswerHead(String id, long created, String model, String systemFingerprint) {

  static AnswerHead of(String id, ServedModel model, Fields body, CallOptions options) {
    String asked = body.text("model");
    String name = options.anyModel() && asked != null && !asked.isEmpty() ? asked : model.name();
    CallOptions.Stamp stamp = options.stamp();
    return stamp == null
        ? new AnswerHead(id, System.currentTimeMillis() / 1000, name, fingerprint(model))
        : new AnswerHead(id, stamp.created(), name, stamp.systemFingerprint());
  }

  /** Equal for answers of the same model under the same engine settings. */
  private static String fingerprint(ServedModel model) {
    CRC32 crc = new CRC32();
    crc.update((model.root() + model.engine().settings()).getBytes(StandardCharsets.UTF_8));
    return "fp_%08x".formatted(crc.getValue());
  }
}
