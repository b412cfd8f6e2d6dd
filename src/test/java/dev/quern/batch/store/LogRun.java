package dev.quern.batch.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Pieces of jobs that write to a {@link ResultLog} on a {@link SimDisk}. */
final class LogRun {
  static final Path OUTPUT = Path.of("/jobs/out.jsonl");
  static final Manifest MANIFEST = manifest("fake", "1");

  private LogRun() {}

  static Manifest manifest(String model, String modified) {
    return new Manifest(
        1000, Map.of("model", model), Map.of("bytes", "7", Manifest.INPUT_TIME, modified));
  }

  static ResultLog open(SimDisk disk, Path output, Shard shard) throws IOException {
    return ResultLog.open(disk, output, new OutputOptions(shard, false, false, "me"));
  }

  static long hash(long line) {
    return LineHash.of(("line " + line).getBytes(StandardCharsets.UTF_8));
  }

  /** Answers a line. */
  static void write(Output output, long line) throws IOException {
    ResultId id = new ResultId(line, hash(line));
    output.write(id, false, EveryChangeTest.record(id, false));
  }

  /** One attempt that answers the lines from the first to the last that want to be run. */
  static void answer(SimDisk disk, Shard shard, long first, long last) throws IOException {
    try (ResultLog log = open(disk, OUTPUT, shard)) {
      log.bind(MANIFEST, false);
      for (long line = first; line <= last; line++)
        if (shard.has(line) && log.fate(line, hash(line)) == Output.Fate.RUN) write(log, line);
      log.settle(Frontier.START, true);
    }
  }

  /** How often each line is in a file. */
  static Map<Long, Integer> records(byte[] bytes) throws IOException {
    Map<Long, Integer> seen = new TreeMap<>();
    RecordScanner scanner = new RecordScanner(new ByteArrayInputStream(bytes), 0);
    for (RecordScanner.Found found; (found = scanner.next()) != null; )
      seen.merge(found.id().number(), 1, Integer::sum);
    return seen;
  }

  static byte[] bytes(SimDisk disk, Path file) throws IOException {
    try (var in = Packing.of(file).unpack(disk.read(file, 0))) {
      return in.readAllBytes();
    }
  }
}
