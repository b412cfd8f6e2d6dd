package dev.quern.engine;

import dev.quern.schedule.Sequence;
import dev.quern.text.StopMatcher;
import dev.quern.text.StreamDecoder;
import dev.quern.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One of a request's n outputs while it grows: its text, logprobs and end. */
final class OutputState {
  private final GenerationTask task;
  private final int index;
  private final SamplingParams params;
  private final RowSettings settings;
  private final int promptLogprobCode;
  private Sequence sequence;

  /** Null where no text is wanted. */
  private final StreamDecoder decoder;

  private final StopMatcher matcher;
  private final StringBuilder text = new StringBuilder();
  private final List<TokenLogprobs> logprobs;
  private FinishReason finish;
  private Object stopReason;

  OutputState(
      GenerationTask task,
      int index,
      RowSettings settings,
      int promptLogprobCode,
      Tokenizer tokenizer) {
    this.task = task;
    this.index = index;
    this.params = task.request().params();
    this.settings = settings;
    this.promptLogprobCode = promptLogprobCode;
    boolean wantsText = tokenizer != null && params.detokenize();
    decoder =
        wantsText
            ? new StreamDecoder(
                tokenizer,
                task.request().promptTokens(),
                params.skipSpecialTokens(),
                params.spacesBetweenSpecialTokens())
            : null;
    matcher = wantsText ? new StopMatcher(params.stop(), params.includeStopStrInOutput()) : null;
    logprobs = params.logprobs() == null ? null : new ArrayList<>();
  }

  /** Gives it the sequence that names it as its owner. */
  void own(Sequence itsSequence) {
    sequence = itsSequence;
  }

  GenerationTask task() {
    return task;
  }

  RowSettings settings() {
    return settings;
  }

  int promptLogprobCode() {
    return promptLogprobCode;
  }

  Sequence sequence() {
    return sequence;
  }

  boolean finished() {
    return finish != null;
  }

  /**
   * Takes the sequence's newest token.
   *
   * @param end what the scheduler found it to mean, or null
   * @param logprob null where not asked for
   */
  Delta take(int token, Sequence.End end, TokenLogprobs logprob) {
    if (logprob != null) logprobs.add(logprob);
    boolean stopToken = end == Sequence.End.EOS || end == Sequence.End.STOP_ID;
    String piece = "";
    String matched = null;
    if (decoder != null) {
      // The text of what stopped it is left out unless it is asked for.
      String decoded = stopToken && !params.includeStopStrInOutput() ? "" : decoder.push(token);
      int count = sequence.known() - sequence.promptLength();
      piece = matcher.push(decoded, params.minTokens() == 0 || count > params.minTokens());
      matched = matcher.matched();
    }
    if (matched != null) {
      finish = FinishReason.STOP;
      stopReason = matched;
    } else if (stopToken) {
      finish = FinishReason.STOP;
      stopReason = end == Sequence.End.STOP_ID ? token : null;
    } else if (end != null) {
      finish = FinishReason.LENGTH;
    }
    return delta(new int[] {token}, piece, logprob == null ? List.of() : List.of(logprob));
  }

  /** Ends it from outside. */
  Delta abort() {
    finish = FinishReason.ABORT;
    return delta(new int[0], "", List.of());
  }

  private Delta delta(int[] tokens, String piece, List<TokenLogprobs> newLogprobs) {
    String all = finish != null && decoder != null ? piece + heldBack() : piece;
    text.append(all);
    return new Delta(index, tokens, all, newLogprobs, finish, stopReason);
  }

  private String heldBack() {
    return matcher.push(decoder.finish(), false) + matcher.finish();
  }

  GenerationResult.Output result() {
    int[] tokens = Arrays.copyOfRange(sequence.tokens(), sequence.promptLength(), sequence.known());
    return new GenerationResult.Output(
        index, tokens, text.toString(), logprobs, finish, stopReason);
  }
}
