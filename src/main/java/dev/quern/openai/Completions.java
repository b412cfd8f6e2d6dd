package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParamsBuilder;
import dev.quern.engine.ServedModel;
import dev.quern.settings.EngineSettings;
import java.util.ArrayList;
import java.util.List;

/** {@code POST /v1/completions}: prompts as text or ids. */
public final class Completions {
  private static final int DEFAULT_MAX_TOKENS = 16;

  private Completions() {}

  /**
   * Checks a body.
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
    boolean echo = body.flag("echo", false);
    Integer maxTokens = body.integer("max_tokens");
    boolean promptOnly = echo && maxTokens != null && maxTokens == 0;
    Integer logprobs = body.integer("logprobs");
    if (echo && logprobs != null && output.stream())
      throw ApiException.badRequest(
          "echo with logprobs is not available when stream is true", "echo");
    Integer promptLogprobs = body.integer("prompt_logprobs");
    if (promptLogprobs == null && echo) promptLogprobs = logprobs;
    boolean detokenize = model.tokenizer() != null;
    SamplingParamsBuilder params =
        SamplingFields.read(body, model.defaults(), detokenize)
            .logprobs(logprobs)
            .promptLogprobs(promptLogprobs);

    List<Prompt> prompts = PromptTokens.of(model, body, true).read(body.get("prompt"));
    AnswerHead head = AnswerHead.of("cmpl-" + options.id(body), model, body, options);
    String salt = CacheSalt.read(body);
    List<Request> requests = new ArrayList<>(prompts.size());
    for (int i = 0; i < prompts.size(); i++) {
      int[] ids = prompts.get(i).ids();
      int limit =
          OutputTokens.limit(
              model,
              ids.length,
              promptOnly ? Integer.valueOf(1) : maxTokens,
              DEFAULT_MAX_TOKENS,
              "prompt");
      requests.add(new Request(head.id() + "-" + i, ids, params.maxTokens(limit).build(), salt));
    }
    int n = requests.getFirst().params().n();
    requireRoom(model.engine().settings(), requests.size(), n);
    CompletionForm form =
        new CompletionForm(
            head,
            prompts,
            n,
            new CompletionOptions(
                echo, promptOnly, logprobs != null, body.flag("skip_special_tokens", true)),
            output,
            model.tokenizer(),
            TokenText.of(model.tokenizer(), body));
    return new Call(
        head.id(),
        model,
        requests,
        output.stream(),
        output.includeUsage(),
        options.observers(),
        form);
  }

  /** Who asks for more outputs than the queue ever holds would be told to come again for ever. */
  private static void requireRoom(EngineSettings settings, int prompts, int n) {
    int most = settings.maxNumSeqs() + settings.maxQueuedRequests();
    if (settings.maxQueuedRequests() > 0 && (long) (prompts - 1) * n >= most)
      throw ApiException.badRequest(
          "%d prompts with n = %d ask for more outputs than the %d that may run and wait here"
              .formatted(prompts, n, most),
          n > 1 ? "n" : "prompt");
  }
}
