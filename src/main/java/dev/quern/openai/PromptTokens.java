package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.ServedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Prompts as token ids: from text or ids, cut where the request says so. */
final class PromptTokens {
  private static final int MAX_PROMPTS = 1024;

  /** No text of this length for each token of the context fits into it; such are not tokenised. */
  private static final int MAX_TOKEN_CHARS = 256;

  private final ServedModel model;
  private final boolean addSpecialTokens;
  private final Integer keptTokens;
  private final boolean keepEnd;

  private PromptTokens(
      ServedModel model, boolean addSpecialTokens, Integer keptTokens, boolean keepEnd) {
    this.model = model;
    this.addSpecialTokens = addSpecialTokens;
    this.keptTokens = keptTokens;
    this.keepEnd = keepEnd;
  }

  /** With the body's {@code add_special_tokens} and {@code truncate_prompt_tokens}. */
  static PromptTokens of(ServedModel model, Fields body, boolean addSpecialTokensDefault) {
    Integer kept = body.integer("truncate_prompt_tokens");
    if (kept != null) {
      if (kept == -1) kept = model.maxModelLen();
      if (kept < 1 || kept > model.maxModelLen())
        throw ApiException.badRequest(
            "truncate_prompt_tokens must be -1 or from 1 to "
                + model.maxModelLen()
                + ", got "
                + kept,
            "truncate_prompt_tokens");
    }
    String side = body.text("truncation_side");
    if (side != null && !side.equals("left") && !side.equals("right"))
      throw ApiException.badRequest(
          "truncation_side must be \"left\" or \"right\", got \"" + side + "\"", "truncation_side");
    return new PromptTokens(
        model,
        body.flag("add_special_tokens", addSpecialTokensDefault),
        kept,
        !"right".equals(side));
  }

  /** A completion's {@code prompt}: a string, a list of strings, ids, or a list of id lists. */
  List<Prompt> read(JsonNode prompt) {
    if (prompt == null) throw ApiException.badRequest("prompt is required", "prompt");
    if (prompt.isTextual()) return List.of(encode(prompt.textValue(), "prompt"));
    if (!prompt.isArray()) throw wrong(prompt);
    if (prompt.isEmpty()) throw ApiException.badRequest("prompt must not be empty", "prompt");
    if (prompt.get(0).isNumber()) return List.of(ids(prompt));
    if (prompt.size() > MAX_PROMPTS)
      throw ApiException.badRequest(
          "prompt must have at most " + MAX_PROMPTS + " entries, got " + prompt.size(), "prompt");
    List<Prompt> prompts = new ArrayList<>(prompt.size());
    for (JsonNode item : prompt) {
      if (item.isTextual()) prompts.add(encode(item.textValue(), "prompt"));
      else if (item.isArray()) prompts.add(ids(item));
      else throw wrong(prompt);
    }
    return prompts;
  }

  private static ApiException wrong(JsonNode prompt) {
    return Fields.wrong(
        "prompt", "a string, a list of strings, a list of token ids or a list of such", prompt);
  }

  private Prompt ids(JsonNode list) {
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = list.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0)
        throw Fields.wrong("prompt", "a list of token ids", id);
      ids[i] = id.intValue();
    }
    return cut(ids, null, "prompt");
  }

  /**
   * @param param the field that the text comes from
   */
  Prompt encode(String text, String param) {
    if (model.tokenizer() == null)
      throw ApiException.badRequest(
          "The model was loaded without its tokenizer: give the prompt as token ids", param);
    if (keptTokens == null && text.length() / MAX_TOKEN_CHARS > model.maxModelLen())
      throw ApiException.badRequest(
          "This model's maximum context length is %d tokens, but the prompt has %d characters. Please shorten the prompt."
              .formatted(model.maxModelLen(), text.length()),
          param);
    return cut(model.tokenizer().encode(text, addSpecialTokens), text, param);
  }

  private Prompt cut(int[] ids, String text, String param) {
    if (ids.length == 0) throw ApiException.badRequest(param + " must not be empty", param);
    if (keptTokens == null || ids.length <= keptTokens) return new Prompt(ids, text);
    return new Prompt(
        keepEnd
            ? Arrays.copyOfRange(ids, ids.length - keptTokens, ids.length)
            : Arrays.copyOf(ids, keptTokens),
        null);
  }
}
