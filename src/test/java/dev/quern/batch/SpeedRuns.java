package dev.quern.batch;

import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.engine.Generation;
import dev.quern.engine.Request;
import dev.quern.openai.Policy;
import dev.quern.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a job costs beside the engine, by hand: {@code speed LINES PROMPT_TOKENS OUTPUT_TOKENS
 * [--FLAG=VALUE …]} runs the same prompts through the engine alone and through a job in turn,
 * {@code tail LINES [--FLAG=VALUE …]} a job with its last lines in input order and longest first in
 * turn. Flags are a model's settings.
 */
final class SpeedRuns {
  private static final int SHORT_PROMPT_TOKENS = 16;
  private static final int WARM_UP_ROUNDS = 6;
  private static final int ROUNDS = 31;

  /** Handed over at most; its queue is bounded. */
  private static final int IN_ENGINE = 1000;

  /**
   * Of one token each, before all else: a job's code runs once a line, so the JVM would go on
   * compiling it through dozens of rounds.
   */
  private static final int WARM_UP_LINES = 20_000;

  /** Of one line each, for what runs once a job. */
  private static final int WARM_UP_JOBS = 300;

  private SpeedRuns() {}

  public static void main(String[] args) throws Exception {
    int lines = Integer.parseInt(args[1]);
    Map<String, String> flags = new HashMap<>(Map.of("enable-prefix-caching", "false"));
    boolean isSpeed = args[0].equals("speed");
    for (String flag : Arrays.asList(args).subList(isSpeed ? 4 : 2, args.length)) {
      String[] both = flag.substring(2).split("=", 2);
      flags.put(both[0], both[1]);
    }
    try (LoadedModel model = ModelCache.load(Settings.load(flags), false)) {
      switch (args[0]) {
        case "speed" -> speed(model, lines, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        case "tail" -> tail(model, lines);
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static int[] prompt(int line, int tokens) {
    int[] ids = new int[tokens];
    for (int j = 0; j < ids.length; j++) ids[j] = 10 + (line * 31 + j * 7) % 1000;
    return ids;
  }

  private static void speed(LoadedModel model, int lines, int promptTokens, int eachOutput)
      throws Exception {
    int[] outputTokens = new int[lines];
    Arrays.fill(outputTokens, eachOutput);
    byte[] input = input(promptTokens, outputTokens);
    List<Request> requests = requests(model, input);
    int[] one = new int[WARM_UP_LINES];
    Arrays.fill(one, 1);
    job(model, input(SHORT_PROMPT_TOKENS, one), true);
    for (int i = 0; i < WARM_UP_JOBS; i++)
      job(model, input(SHORT_PROMPT_TOKENS, new int[] {1}), true);
    double[] engine = new double[ROUNDS];
    double[] job = new double[ROUNDS];
    double[] share = new double[ROUNDS];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      double engineSeconds = 0;
      double jobSeconds = 0;
      for (int i = 0; i < 2; i++) {
        // Each is first as often as the other.
        if (i == (round & 1)) engineSeconds = engine(model, requests);
        else jobSeconds = job(model, input, true);
      }
      double alone = tokensPerSecond(outputTokens, engineSeconds);
      double whole = tokensPerSecond(outputTokens, jobSeconds);
      System.out.printf(
          "engine %.0f tokens/s, job %.0f tokens/s: %.3f%n", alone, whole, whole / alone);
      if (round < 0) continue;
      engine[round] = alone;
      job[round] = whole;
      share[round] = whole / alone;
    }
    System.out.printf(
        "medians of %d: engine %.0f, job %.0f tokens/s, job's share of the engine's in a pair"
            + " %.3f, their geometric mean %.3f%n",
        ROUNDS, median(engine), median(job), median(share), geometricMean(share));
  }

  private static void tail(LoadedModel model, int lines) throws Exception {
    int[] outputTokens = new int[lines];
    // Of all lengths from 16 to 512, in no order.
    for (int i = 0; i < lines; i++) outputTokens[i] = 16 + (int) ((i * 2_654_435_761L >>> 7) % 497);
    byte[] input = input(SHORT_PROMPT_TOKENS, outputTokens);
    double[] inOrder = new double[ROUNDS];
    double[] longest = new double[ROUNDS];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      long before = model.served().engine().stats().steps();
      double plain = job(model, input, false);
      long between = model.served().engine().stats().steps();
      double sorted = job(model, input, true);
      long after = model.served().engine().stats().steps();
      System.out.printf(
          "in order %.2f s, %d steps; longest first %.2f s, %d steps: %.3f%n",
          plain, between - before, sorted, after - between, sorted / plain);
      if (round < 0) continue;
      inOrder[round] = plain;
      longest[round] = sorted;
    }
    double median = median(longest);
    System.out.printf(
        "medians of %d: in order %.2f, longest first %.2f s: %.3f%n",
        ROUNDS, median(inOrder), median, median / median(inOrder));
  }

  private static byte[] input(int promptTokens, int[] outputTokens) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < outputTokens.length; i++)
      text.append("{\"prompt\":")
          .append(Arrays.toString(prompt(i, promptTokens)))
          .append(",\"max_tokens\":")
          .append(outputTokens[i])
          .append(",\"temperature\":0,\"ignore_eos\":true}\n");
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Those that a job makes of the lines. */
  private static List<Request> requests(LoadedModel model, byte[] input) throws Exception {
    ModelAnswerer answerer = new ModelAnswerer(model.served(), Policy.DEFAULT, null);
    LineReader reader = new LineReader(new ByteArrayInputStream(input), 1 << 20);
    List<Request> requests = new ArrayList<>();
    for (Line line; (line = reader.next()) != null; )
      requests.addAll(answerer.requests(BatchLine.parse(line, 1 << 20), "speed"));
    return requests;
  }

  /** Seconds. */
  private static double engine(LoadedModel model, List<Request> requests) throws Exception {
    long begun = System.nanoTime();
    List<Generation> running = new ArrayList<>();
    for (Request request : requests) {
      if (running.size() >= IN_ENGINE) running.get(running.size() - IN_ENGINE).await();
      running.add(model.engine().submit(request, null));
    }
    for (Generation generation : running) generation.await();
    return (System.nanoTime() - begun) / 1e9;
  }

  /** Seconds. */
  private static double job(LoadedModel model, byte[] input, boolean longestFirst)
      throws Exception {
    LookAhead usual = LookAhead.of(model.settings());
    LookAhead lookAhead =
        new LookAhead(usual.sequences(), usual.engineTokens(), usual.waitingTokens(), longestFirst);
    long begun = System.nanoTime();
    try (BatchJob job =
        new BatchJob(
            Input.of(new ByteArrayInputStream(input)),
            Target.stream(new JsonlStream(OutputStream.nullOutputStream())),
            new PrintStream(OutputStream.nullOutputStream()),
            false,
            BatchOptions.DEFAULT)) {
      int exit = job.run(model, Policy.DEFAULT, lookAhead);
      if (exit != ExitCode.DONE) throw new IllegalStateException("exit code " + exit);
    }
    return (System.nanoTime() - begun) / 1e9;
  }

  private static double tokensPerSecond(int[] outputTokens, double seconds) {
    return Arrays.stream(outputTokens).sum() / seconds;
  }

  /** Of ratios: as good as the median where the noise is even, and steadier. */
  private static double geometricMean(double[] values) {
    return Math.exp(Arrays.stream(values).map(Math::log).average().orElseThrow());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
