package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.batch.store.LineHash;
import dev.quern.batch.store.LocalDisk;
import dev.quern.batch.store.Manifest;
import dev.quern.batch.store.OutputOptions;
import dev.quern.batch.store.ResultId;
import dev.quern.batch.store.ResultLog;
import dev.quern.batch.store.Shard;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.openai.Json;
import dev.quern.openai.Policy;
import dev.quern.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs that are too large for the suite, each started by hand: {@code fill FOLDER GIGABYTES} and
 * then {@code resume FOLDER} as often as wanted, {@code memory GIGABYTES}, {@code signal FOLDER
 * TIMES}.
 */
final class LargeRuns {
  private LargeRuns() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "fill" -> fill(Path.of(args[1]), Long.parseLong(args[2]) * 1_000_000);
      case "resume" -> resume(Path.of(args[1]));
      case "memory" -> memory(Long.parseLong(args[1]) * 1_000_000_000);
      case "signal" -> signal(Path.of(args[1]), Integer.parseInt(args[2]));
      default -> throw new IllegalArgumentException(args[0]);
    }
    Runtime.getRuntime().halt(0);
  }

  private static byte[] line(long number) {
    return "{\"prompt\":\"tell me a tale of number %012d\",\"max_tokens\":100}"
        .formatted(number)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static final OutputOptions ALONE = new OutputOptions(Shard.WHOLE, false, false, "me");

  /** Results of a kilobyte each; the process ends as if it were killed. */
  private static void fill(Path folder, long lines) throws Exception {
    Path input = folder.resolve("in.jsonl");
    byte[] filler = "x".repeat(900).getBytes(StandardCharsets.UTF_8);
    try (OutputStream in =
        new java.io.BufferedOutputStream(Files.newOutputStream(input), 1 << 20)) {
      for (long i = 1; i <= lines + 1000; i++) {
        in.write(line(i));
        in.write('\n');
      }
    }
    try (Input in = Input.open(input.toString(), folder);
        ResultLog log = ResultLog.open(new LocalDisk(), folder.resolve("out.jsonl"), ALONE)) {
      log.bind(new Manifest(1, BatchRun.IDENTITY, in.identity()), false);
      for (long i = 1; i <= lines; i++) {
        ResultId id = new ResultId(i, LineHash.of(line(i)));
        String start = "{\"id\":\"" + id.text("0123abcd") + "\",\"text\":\"";
        java.io.ByteArrayOutputStream record = new java.io.ByteArrayOutputStream(1024);
        record.writeBytes(start.getBytes(StandardCharsets.UTF_8));
        record.writeBytes(filler);
        record.writeBytes("\",\"error\":null}\n".getBytes(StandardCharsets.UTF_8));
        log.write(id, false, record.toByteArray());
        log.settle(new Frontier(i + 1, i * (line(i).length + 1)), false);
      }
      Runtime.getRuntime().halt(0);
    }
  }

  /** How long until the first line that has no result is admitted, the model being loaded. */
  private static void resume(Path folder) throws Exception {
    Json.parse(Json.write(Map.of("loaded", true)));
    Path results = folder.resolve("out.jsonl.job/results.jsonl");
    boolean hasIndex = Files.exists(folder.resolve("out.jsonl.job/index"));
    long start = System.nanoTime();
    Input in = Input.open(folder.resolve("in.jsonl").toString(), folder);
    ResultLog log = ResultLog.open(new LocalDisk(), folder.resolve("out.jsonl"), ALONE);
    log.bind(new Manifest(1, BatchRun.IDENTITY, in.identity()), false);
    StoredResults stored = new StoredResults(log, Shard.WHOLE, false);
    LineReader reader = new LineReader(in.read(stored.frontier()), 1 << 20);
    reader.startAt(stored.frontier());
    Line first = reader.next();
    while (stored.admit(first).number() == 0) first = reader.next();
    System.out.printf(
        "%,d bytes of output%s: line %,d is the first to run, after %.3f s%n",
        Files.size(results),
        hasIndex ? "" : ", no index",
        first.number(),
        (System.nanoTime() - start) / 1e9);
  }

  /**
   * Of each gigabyte 20 lines of a megabyte and one of all the rest, which is too long and read
   * past, through a dummy model: resident memory at each gigabyte.
   */
  private static void memory(long inputBytes) throws Exception {
    byte[] start =
        "{\"prompt\":[1,2,3],\"max_tokens\":1,\"user\":\"".getBytes(StandardCharsets.UTF_8);
    byte[] line = new byte[1_000_000];
    java.util.Arrays.fill(line, (byte) 'x');
    System.arraycopy(start, 0, line, 0, start.length);
    System.arraycopy("\"}\n".getBytes(StandardCharsets.UTF_8), 0, line, line.length - 3, 3);
    InputStream endless =
        new InputStream() {
          private long given;

          @Override
          public int read() {
            throw new UnsupportedOperationException();
          }

          @Override
          public int read(byte[] into, int from, int count) {
            if (given == inputBytes) return -1;
            long inGigabyte = given % 1_000_000_000;
            int at = (int) (given % line.length);
            int some = Math.min(count, line.length - at);
            System.arraycopy(line, at, into, from, some);
            boolean inLong = inGigabyte >= 20_000_000;
            if (inLong && at + some == line.length && inGigabyte + some < 1_000_000_000)
              into[from + some - 1] = 'x';
            given += some;
            if (given / 1_000_000_000 > (given - some) / 1_000_000_000) print(given);
            return some;
          }
        };
    Map<String, String> flags =
        Map.of("load-format", "dummy", "skip-tokenizer-init", "true", "max-num-seqs", "32");
    try (LoadedModel model = ModelCache.load(Settings.load(flags), false)) {
      print(0);
      try (BatchJob job =
          new BatchJob(
              Input.of(endless),
              Target.stream(new JsonlStream(OutputStream.nullOutputStream())),
              System.err,
              false,
              BatchOptions.DEFAULT)) {
        System.out.println("exit " + job.run(model, Policy.DEFAULT));
      }
    }
  }

  private static void print(long given) {
    try {
      String resident = "";
      for (String field : Files.readAllLines(Path.of("/proc/self/status")))
        if (field.startsWith("VmRSS")) resident = field.replaceAll("\\D", "");
      Runtime vm = Runtime.getRuntime();
      System.out.printf(
          "%d GB read, resident %s kB, heap used %d kB%n",
          given / 1_000_000_000, resident, (vm.totalMemory() - vm.freeMemory()) / 1024);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** From SIGTERM, sent while the built-in model runs 64 lines, until the job's process is gone. */
  private static void signal(Path folder, int times) throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4000; i++)
      text.append("{\"prompt\":\"Once %d\",\"max_tokens\":%d}\n".formatted(i, 20 + i % 200));
    Path input = Files.writeString(folder.resolve("in.jsonl"), text);
    for (int i = 0; i < times; i++) {
      Path output = folder.resolve("out" + i + ".jsonl");
      Path log = folder.resolve("out" + i + ".jsonl.job/results.jsonl");
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "--add-modules=jdk.incubator.vector",
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              System.getProperty("java.class.path"),
              "dev.quern.Main",
              "batch",
              input.toString(),
              output.toString(),
              "--device=cpu",
              "--max-num-seqs=64");
      Process job =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("said").toFile())
              .start();
      while (job.isAlive() && (Files.notExists(log) || Files.size(log) == 0)) Thread.sleep(1);
      Thread.sleep(500 + 100 * i);
      long start = System.nanoTime();
      job.destroy();
      int exit = job.waitFor();
      System.out.printf(
          "exit %d, %,d bytes of results, gone %.0f ms after the signal%n",
          exit, Files.size(log), (System.nanoTime() - start) / 1e6);
    }
  }
}
