package dev.quern.openai;

import dev.quern.engine.Delta;
import dev.quern.engine.FinishReason;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.TokenLogprobs;
import dev.quern.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Answers of {@code /v1/completions}. */
final class CompletionForm implements Form {
  private final AnswerHead head;
  private final List<Prompt> prompts;
  private final int n;
  private final CompletionOptions own;
  private final OutputOptions options;
  private final Tokenizer tokenizer;
  private final TokenText text;

  // Of a stream, by choice: tokens given out so far and where the next one's text starts.
  private final int[] sentTokens;
  private final int[] textOffsets;
  private final boolean[] started;

  CompletionForm(
      AnswerHead head,
      List<Prompt> prompts,
      int n,
      CompletionOptions own,
      OutputOptions options,
      Tokenizer tokenizer,
      TokenText text) {
    this.head = head;
    this.prompts = prompts;
    this.n = n;
    this.own = own;
    this.options = options;
    this.tokenizer = tokenizer;
    this.text = text;
    int choices = options.stream() ? prompts.size() * n : 0;
    sentTokens = new int[choices];
    textOffsets = new int[choices];
    started = new boolean[choices];
  }

  @Override
  public WholeAnswer whole(List<GenerationResult> results) {
    List<CompletionAnswer.Choice> choices = new ArrayList<>(results.size() * n);
    for (int p = 0; p < results.size(); p++) {
      GenerationResult result = results.get(p);
      for (GenerationResult.Output output : result.outputs())
        choices.add(choice(p, result, output));
    }
    return CompletionAnswer.of(head, choices, true, usage(results));
  }

  private CompletionAnswer.Choice choice(
      int p, GenerationResult result, GenerationResult.Output output) {
    int[] promptIds = prompts.get(p).ids();
    int[] tokens = own.promptOnly() ? new int[0] : output.tokens();
    CompletionLogprobs logprobs = null;
    if (own.logprobs()) {
      List<TokenLogprobs> steps = new ArrayList<>();
      if (own.echo()) steps.addAll(result.promptLogprobs());
      if (!own.promptOnly()) steps.addAll(output.logprobs());
      logprobs =
          CompletionLogprobs.of(own.echo() ? join(promptIds, tokens) : tokens, steps, 0, text);
    }
    String generated = own.promptOnly() ? "" : output.text();
    return new CompletionAnswer.Choice(
        p * n + output.index(),
        own.echo() ? promptText(p) + generated : generated,
        logprobs,
        output.finish().wireName(),
        own.promptOnly() ? null : output.stopReason(),
        options.returnTokenIds() ? tokens : null,
        options.promptLogprobs() ? PromptLogprob.of(result.promptLogprobs(), text) : null,
        options.returnTokenIds() ? promptIds : null);
  }

  private static int[] join(int[] a, int[] b) {
    int[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  private String promptText(int p) {
    Prompt prompt = prompts.get(p);
    if (prompt.text() != null) return prompt.text();
    return tokenizer == null ? "" : tokenizer.decode(prompt.ids(), own.skipSpecialTokens());
  }

  private Usage usage(List<GenerationResult> results) {
    int promptTokens = 0;
    int completionTokens = 0;
    int cachedTokens = 0;
    for (GenerationResult result : results) {
      promptTokens += result.request().promptTokens().length;
      cachedTokens += result.cachedTokens();
      if (!own.promptOnly())
        for (GenerationResult.Output output : result.outputs())
          completionTokens += output.tokens().length;
    }
    return Usage.of(
        promptTokens, completionTokens, options.promptTokensDetails() ? cachedTokens : null);
  }

  /** With echo, the prompts. */
  @Override
  public List<Object> opening() {
    List<Object> chunks = new ArrayList<>();
    if (own.echo())
      for (int choice = 0; choice < started.length; choice++)
        chunks.add(chunk(choice, promptText(choice / n), null, null, null, new int[0]));
    return chunks;
  }

  @Override
  public Object chunk(Delta delta) {
    int choice = delta.index();
    sentTokens[choice] += own.promptOnly() ? 0 : delta.tokens().length;
    FinishReason finish = delta.finish();
    if (own.promptOnly())
      return finish == null ? null : chunk(choice, "", null, finish, null, new int[0]);
    boolean tells =
        !delta.text().isEmpty()
            || finish != null
            || own.logprobs()
            || options.returnTokenIds()
            || options.continuousUsage();
    if (!tells) return null;
    CompletionLogprobs logprobs = null;
    if (own.logprobs()) {
      logprobs = CompletionLogprobs.of(delta.tokens(), delta.logprobs(), textOffsets[choice], text);
      textOffsets[choice] = logprobs.endOffset(textOffsets[choice]);
    }
    return chunk(choice, delta.text(), logprobs, finish, delta.stopReason(), delta.tokens());
  }

  private CompletionAnswer chunk(
      int choice,
      String newText,
      CompletionLogprobs logprobs,
      FinishReason finish,
      Object stopReason,
      int[] tokens) {
    boolean first = !started[choice];
    started[choice] = true;
    CompletionAnswer.Choice piece =
        new CompletionAnswer.Choice(
            choice,
            newText,
            logprobs,
            finish == null ? null : finish.wireName(),
            stopReason,
            options.returnTokenIds() ? tokens : null,
            null,
            options.returnTokenIds() && first ? prompts.get(choice / n).ids() : null);
    return CompletionAnswer.of(
        head, List.of(piece), finish != null, options.continuousUsage() ? usageSoFar() : null);
  }

  private Usage usageSoFar() {
    int promptTokens = 0;
    for (Prompt prompt : prompts) promptTokens += prompt.ids().length;
    int completionTokens = 0;
    for (int sent : sentTokens) completionTokens += sent;
    return Usage.of(promptTokens, completionTokens, null);
  }

  @Override
  public Object closing(List<GenerationResult> results) {
    return CompletionAnswer.of(head, List.of(), false, usage(results));
  }
}
