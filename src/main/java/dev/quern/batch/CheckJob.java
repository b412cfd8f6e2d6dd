package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.cache.LoadedModel;
import dev.quern.engine.Request;
import dev.quern.openai.ApiException;
import dev.quern.openai.Policy;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads a file of lines as a job would and runs none of them: what is wrong with which line, and
 * how many tokens there are.
 */
public final class CheckJob {
  private static final int MAX_TOLD = 20;

  private final PrintStream out;
  private final DoubledIds ids = new DoubledIds();
  private final Histogram lengths = new Histogram();
  private long lines;
  private long bad;
  private long prompts;
  private long promptTokens;
  private long longest;
  private long mostOutputTokens;

  public CheckJob(PrintStream out) {
    this.out = out;
  }

  /**
   * @param model needs no weights
   * @return {@link ExitCode#DONE}, or {@link ExitCode#BAD_INPUT} when a line would fail
   */
  public int run(String input, Path scratch, LoadedModel model, Policy policy) throws IOException {
    ModelAnswerer answerer = new ModelAnswerer(model.served(), policy, null);
    int maxLineBytes = BatchOptions.Limits.DEFAULT.lineBytes();
    try (Input in = Input.open(input, scratch)) {
      LineReader reader = new LineReader(in.read(Frontier.START), maxLineBytes);
      for (Line line; (line = reader.next()) != null; ) check(line, answerer, maxLineBytes);
    }
    out.printf(
        Locale.ROOT,
        "%,d lines, %,d bad: %,d prompts of %,d tokens (longest %,d), at most %,d output tokens%n",
        lines,
        bad,
        prompts,
        promptTokens,
        longest,
        mostOutputTokens);
    if (ids.doubled() > 0)
      out.printf(
          Locale.ROOT,
          "%,d lines have a custom_id that another line has (such as %s)%n",
          ids.doubled(),
          ids.example());
    long[] buckets = lengths.buckets();
    for (int i = 0; i < buckets.length; i++)
      if (buckets[i] > 0)
        out.printf(
            Locale.ROOT, "%8s tokens or more: %,d prompts%n", Histogram.label(i), buckets[i]);
    return bad == 0 ? ExitCode.DONE : ExitCode.BAD_INPUT;
  }

  private void check(Line line, ModelAnswerer answerer, int maxLineBytes) {
    lines++;
    try {
      BatchLine asked = BatchLine.parse(line, maxLineBytes);
      ids.onId(asked.customId());
      for (Request request : answerer.requests(asked, "check")) {
        int tokens = request.promptTokens().length;
        prompts++;
        promptTokens += tokens;
        longest = Math.max(longest, tokens);
        mostOutputTokens += (long) request.params().n() * request.params().maxTokens();
        lengths.add(tokens);
      }
    } catch (BadLineException e) {
      tell(line, e.customId(), e.getMessage());
    } catch (ApiException e) {
      tell(line, "", e.error().message());
    } catch (RuntimeException e) {
      tell(line, "", e.toString());
    }
  }

  private void tell(Line line, String customId, String message) {
    if (++bad <= MAX_TOLD) {
      String name = customId.isEmpty() || customId.equals("line-" + line.number()) ? "" : customId;
      out.printf(
          "line %d%s: %s%n", line.number(), name.isEmpty() ? "" : " (" + name + ")", message);
    } else if (bad == MAX_TOLD + 1) {
      out.println("…");
    }
  }
}
