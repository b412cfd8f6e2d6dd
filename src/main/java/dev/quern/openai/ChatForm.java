package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.Delta;
import dev.quern.engine.GenerationResult;
import java.util.ArrayList;
import java.util.List;

/** Answers of {@code /v1/chat/completions}: one prompt, n choices. */
final class ChatForm implements Form {
  private static final String CHUNK = "chat.completion.chunk";

  private final AnswerHead head;
  private final ChatOptions own;
  private final OutputOptions options;
  private final TokenText text;
  private int sentTokens;

  ChatForm(AnswerHead head, ChatOptions own, OutputOptions options, TokenText text) {
    this.head = head;
    this.own = own;
    this.options = options;
    this.text = text;
  }

  @Override
  public WholeAnswer whole(List<GenerationResult> results) {
    GenerationResult result = results.getFirst();
    List<ChatAnswer.Choice> choices = new ArrayList<>(own.n());
    for (GenerationResult.Output output : result.outputs())
      choices.add(
          new ChatAnswer.Choice(
              output.index(),
              new ChatAnswer.Message(own.role(), own.echo() + output.text(), null),
              own.logprobs() ? ChatLogprobs.of(output.logprobs(), text) : null,
              output.finish().wireName(),
              output.stopReason(),
              options.returnTokenIds() ? output.tokens() : null));
    return new ChatAnswer(
        head.id(),
        "chat.completion",
        head.created(),
        head.model(),
        choices,
        head.systemFingerprint(),
        usage(result),
        options.promptLogprobs() ? PromptLogprob.of(result.promptLogprobs(), text) : null,
        options.returnTokenIds() ? own.prompt().ids() : null,
        own.returnPromptText() ? own.prompt().text() : null);
  }

  private Usage usage(GenerationResult result) {
    int completionTokens = 0;
    for (GenerationResult.Output output : result.outputs())
      completionTokens += output.tokens().length;
    return Usage.of(
        own.prompt().ids().length,
        completionTokens,
        options.promptTokensDetails() ? result.cachedTokens() : null);
  }

  /** Each choice's role, then with echo the message that goes on. */
  @Override
  public List<Object> opening() {
    List<Object> chunks = new ArrayList<>();
    for (int i = 0; i < own.n(); i++) {
      ChatChunk.Message role = new ChatChunk.Message(own.role(), "");
      chunks.add(chunk(new ChatChunk.Choice(i, role, null, null, null, null), i == 0));
    }
    if (!own.echo().isEmpty())
      for (int i = 0; i < own.n(); i++) {
        ChatChunk.Message echo = new ChatChunk.Message(null, own.echo());
        chunks.add(chunk(new ChatChunk.Choice(i, echo, null, null, null, null), false));
      }
    return chunks;
  }

  @Override
  public Object chunk(Delta delta) {
    sentTokens += delta.tokens().length;
    boolean ends = delta.finish() != null;
    boolean tells =
        ends
            || !delta.text().isEmpty()
            || own.logprobs()
            || options.returnTokenIds()
            || options.continuousUsage();
    if (!tells) return null;
    JsonNode stopReason = ends ? Json.tree(delta.stopReason()) : null;
    return chunk(
        new ChatChunk.Choice(
            delta.index(),
            new ChatChunk.Message(null, delta.text()),
            own.logprobs() ? ChatLogprobs.of(delta.logprobs(), text) : null,
            ends ? delta.finish().wireName() : null,
            stopReason,
            options.returnTokenIds() ? delta.tokens() : null),
        false);
  }

  private ChatChunk chunk(ChatChunk.Choice choice, boolean first) {
    return new ChatChunk(
        head.id(),
        CHUNK,
        head.created(),
        head.model(),
        List.of(choice),
        choice.finishReason() != null ? head.systemFingerprint() : null,
        options.continuousUsage() ? Usage.of(own.prompt().ids().length, sentTokens, null) : null,
        first && options.returnTokenIds() ? own.prompt().ids() : null,
        first && own.returnPromptText() ? own.prompt().text() : null);
  }

  @Override
  public Object closing(List<GenerationResult> results) {
    return new ChatChunk(
        head.id(),
        CHUNK,
        head.created(),
        head.model(),
        List.of(),
        null,
        usage(results.getFirst()),
        null,
        null);
  }
}
