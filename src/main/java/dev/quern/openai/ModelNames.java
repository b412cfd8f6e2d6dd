package dev.quern.openai;

import dev.quern.engine.ServedModel;

/** Whether a body's {@code model} is served; none at all means the one there is. */
final class ModelNames {
  private ModelNames() {}

  static void check(ServedModel model, Fields body, CallOptions options) {
    String asked = body.text("model");
    if (options.anyModel() || asked == null || asked.isEmpty()) return;
    if (!model.names().contains(asked)) throw ApiException.unknownModel(asked);
  }
}
