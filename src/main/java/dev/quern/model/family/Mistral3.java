package dev.quern.model.family;

import dev.quern.model.ModelConfig;
import java.util.List;

/** Mistral Small 3.1 and Ministral 3 with their eyes closed: the text part, of either kind. */
final class Mistral3 {
  static final Family FAMILY = textPart(Mistral.FAMILY);
  private static final Family OF_MINISTRAL = textPart(Ministral3.FAMILY);

  private Mistral3() {}

  /** The family of a text part. */
  static Family of(ModelConfig text) {
    return switch (text.stringOr("", "model_type")) {
      case "mistral", "mistral3" -> FAMILY;
      case "ministral3" -> OF_MINISTRAL;
      default -> throw text.invalid("model_type", "must be mistral or ministral3");
    };
  }

  private static Family textPart(Family family) {
    return new Family(
        List.of("Mistral3ForConditionalGeneration"),
        List.of("mistral3"),
        family.defaults(),
        b -> {
          family.description().accept(b);
          b.names.prefixes = List.of("language_model.", "model.");
          b.names.ignored.add("(model\\.)?(vision_tower|multi_modal_projector)\\..*");
        });
  }
}
