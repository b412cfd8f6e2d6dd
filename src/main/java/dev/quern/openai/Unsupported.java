package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Refuses fields that would change the output and that nothing here obeys yet: a clear 400 is
 * better than an answer that ignores them. Fields that nobody knows are left alone.
 */
final class Unsupported {
  /** Refused whatever their value is. */
  private static final List<String> ANY_VALUE =
      List.of(
          "structured_outputs",
          "guided_json",
          "guided_regex",
          "guided_choice",
          "guided_grammar",
          "structural_tag",
          "logprob_token_ids",
          "thinking_token_budget",
          "repetition_detection",
          "prompt_embeds",
          "kv_transfer_params",
          "ec_transfer_params");

  private Unsupported() {}

  static void refuse(Fields body) {
    for (String name : ANY_VALUE) if (body.get(name) != null) throw refused(name, "");
    if (body.flag("use_beam_search", false)) throw refused("use_beam_search", "");
    JsonNode suffix = body.get("suffix");
    if (suffix != null && !(suffix.isTextual() && suffix.textValue().isEmpty()))
      throw refused("suffix", "");
    responseFormat(body);
    toolChoice(body);
  }

  private static void responseFormat(Fields body) {
    Fields format = body.object("response_format");
    if (format == null) return;
    String type = format.text("type");
    if (!"text".equals(type)) throw refused("response_format", " of type " + type);
  }

  private static void toolChoice(Fields body) {
    JsonNode choice = body.get("tool_choice");
    if (choice == null) return;
    boolean free =
        choice.isTextual()
            && (choice.textValue().equals("none") || choice.textValue().equals("auto"));
    if (!free) throw refused("tool_choice", " other than \"none\" and \"auto\"");
  }

  private static ApiException refused(String name, String which) {
    return ApiException.badRequest(name + which + " is not supported", name);
  }
}
