package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParams;
import dev.quern.engine.ServedModel;
import java.util.List;

/** {@code POST /v1/chat/completions}: messages in, the next one out. */
public final class ChatCompletions {
  private ChatCompletions() {}

  /**
   * Checks a body and renders its messages.
   *
   * @throws ApiException (400, 404) that names the field at fault
   */
  public static Call parse(ServedModel model, JsonNode json, CallOptions options) {
    try {
      return parse(model, new Fields(json, "The body"), options);
    } catch (RuntimeException e) {
      throw ApiException.of(e);
    }
  }

  private static Call parse(ServedModel model, Fields body, CallOptions options) {
    ModelNames.check(model, body, options);
    Unsupported.refuse(body);
    OutputOptions output = OutputOptions.read(body, options);
    boolean logprobs = body.flag("logprobs", false);
    ChatPrompt chat = ChatPrompt.read(model, body, options.policy());
    int[] ids = chat.prompt().ids();
    int limit =
        OutputTokens.limit(model, ids.length, maxTokens(body), Integer.MAX_VALUE, "messages");
    SamplingParams params =
        SamplingFields.read(body, model.defaults(), true)
            .logprobs(topLogprobs(body, logprobs))
            .promptLogprobs(body.integer("prompt_logprobs"))
            .maxTokens(limit)
            .build();

    AnswerHead head = AnswerHead.of("chatcmpl-" + options.id(body), model, body, options);
    boolean echo = body.flag("echo", false) && chat.messages().lastRole().equals(chat.role());
    ChatForm form =
        new ChatForm(
            head,
            new ChatOptions(
                chat.prompt(),
                params.n(),
                chat.role(),
                echo ? chat.messages().lastText() : "",
                logprobs,
                body.flag("return_prompt_text", false)),
            output,
            TokenText.of(model.tokenizer(), body));
    return new Call(
        head.id(),
        model,
        List.of(new Request(head.id(), ids, params, CacheSalt.read(body))),
        output.stream(),
        output.includeUsage(),
        options.observers(),
        form);
  }

  /** The newer name wins. */
  private static Integer maxTokens(Fields body) {
    Integer newer = body.integer("max_completion_tokens");
    Integer older = body.integer("max_tokens");
    return newer != null ? newer : older;
  }

  private static Integer topLogprobs(Fields body, boolean logprobs) {
    Integer top = body.integer("top_logprobs");
    if (!logprobs) {
      if (top != null && top != 0)
        throw ApiException.badRequest(
            "top_logprobs needs logprobs to be true, got " + top, "top_logprobs");
      return null;
    }
    if (top != null && top < 0 && top != -1)
      throw ApiException.badRequest(
          "top_logprobs must be at least 0, or -1 for the whole vocabulary, got " + top,
          "top_logprobs");
    return top == null ? 0 : top;
  }
}
