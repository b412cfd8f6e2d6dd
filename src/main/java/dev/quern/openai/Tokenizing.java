package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.ServedModel;
import java.util.ArrayList;
import java.util.List;

/** {@code /tokenize} and {@code /detokenize}: what the model reads of a prompt or a chat. */
public final class Tokenizing {
  private Tokenizing() {}

  /**
   * @param tokenStrs the vocabulary's pieces, where asked for
   */
  public record Tokens(int count, int maxModelLen, int[] tokens, List<String> tokenStrs) {}

  public record Text(String prompt) {}

  /** Of a body with {@code prompt} or {@code messages}. */
  public static Tokens tokenize(ServedModel model, JsonNode json, CallOptions options) {
    try {
      Fields body = new Fields(json, "The body");
      ModelNames.check(model, body, options);
      int[] ids = read(model, body, options.policy());
      List<String> pieces = null;
      if (body.flag("return_token_strs", false)) {
        pieces = new ArrayList<>(ids.length);
        for (int id : ids) pieces.add(model.tokenizer().token(id));
      }
      return new Tokens(ids.length, model.maxModelLen(), ids, pieces);
    } catch (RuntimeException e) {
      throw ApiException.of(e);
    }
  }

  private static int[] read(ServedModel model, Fields body, Policy policy) {
    if (body.get("messages") != null) return ChatPrompt.read(model, body, policy).prompt().ids();
    String prompt = body.text("prompt");
    if (prompt == null) throw ApiException.badRequest("prompt or messages is required", "prompt");
    requireTokenizer(model, "prompt");
    return model.tokenizer().encode(prompt, body.flag("add_special_tokens", true));
  }

  /** Of a body with {@code tokens}. */
  public static Text detokenize(ServedModel model, JsonNode json, CallOptions options) {
    try {
      Fields body = new Fields(json, "The body");
      ModelNames.check(model, body, options);
      List<Integer> tokens = body.integers("tokens");
      if (tokens == null) throw ApiException.badRequest("tokens is required", "tokens");
      requireTokenizer(model, "tokens");
      int[] ids = new int[tokens.size()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = tokens.get(i);
        if (ids[i] < 0)
          throw ApiException.badRequest("tokens must be at least 0, got " + ids[i], "tokens");
      }
      return new Text(model.tokenizer().decode(ids, false));
    } catch (RuntimeException e) {
      throw ApiException.of(e);
    }
  }

  private static void requireTokenizer(ServedModel model, String param) {
    if (model.tokenizer() == null)
      throw ApiException.badRequest("The model was loaded without its tokenizer", param);
  }
}
