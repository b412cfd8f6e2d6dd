package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.batch.store.LocalDisk;
import dev.quern.batch.store.MismatchException;
import dev.quern.batch.store.Origins;
import dev.quern.batch.store.Packing;
import dev.quern.batch.store.RecordTable;
import dev.quern.batch.store.SegmentFolder;
import dev.quern.batch.store.Shard;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Joins the outputs of shards into one file in input order, and proves that every input line has
 * exactly one result there: its number and the hash of its text stand in the result's id.
 *
 * <p>Where the number of shards was changed, two of them may have answered the same line; one
 * result is kept, a success before a failure. Results of different models or settings are not
 * joined unless forced.
 */
public final class MergeJob {
  private static final int MAX_NAMED = 10;

  private final LocalDisk disk = new LocalDisk();
  private final Path output;
  private final boolean force;
  private final PrintStream err;
  private final Origins origins = new Origins();
  private final List<Path> temporary = new ArrayList<>();
  private final List<Long> wrong = new ArrayList<>();
  private long lines;
  private long missing;
  private long changed;
  private long failed;

  /**
   * @param force results that were made otherwise than each other are joined all the same
   */
  public MergeJob(Path output, boolean force, PrintStream err) {
    this.output = output;
    this.force = force;
    this.err = err;
  }

  /**
   * @param parts outputs, whole or not; none for all shards of the output
   * @return {@link ExitCode#DONE} when the proof holds; else nothing is written
   * @throws MismatchException for results of different origins, unless forced
   */
  public int run(String input, List<Path> parts) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path part : parts) {
      if (Files.isDirectory(part)) files.addAll(SegmentFolder.segments(disk, part));
      else files.add(found(part));
    }
    if (parts.isEmpty()) files.addAll(Shard.results(disk, output));
    if (files.isEmpty()) throw new IOException("there are no parts of " + output);
    if (files.contains(output)) throw new IOException("output " + output + " is one of the parts");
    Path fresh = output.resolveSibling(output.getFileName() + ".merging");
    // Written at random places, which a mounted object store cannot do.
    Path scratch = Files.createTempFile("quern-merge-", ".table");
    try (Input in = Input.open(input, output.toAbsolutePath().getParent());
        RecordTable table = new RecordTable(disk, scratch)) {
      for (Path file : files) {
        origins.addManifestOf(disk, file);
        table.add(plain(file));
      }
      try (OutputStream out =
          new BufferedOutputStream(Packing.of(output).pack(disk.create(fresh)), 1 << 20)) {
        copy(in, table, out);
      }
      return report(table, files.size(), fresh);
    } finally {
      for (Path file : temporary) disk.delete(file);
      disk.delete(fresh);
    }
  }

  private Path found(Path part) throws IOException {
    Path log = part.resolveSibling(part.getFileName() + ".job").resolve("results.jsonl");
    if (Files.isRegularFile(part)) return part;
    if (Files.isRegularFile(log)) return log;
    throw new IOException("part " + part + " does not exist");
  }

  /** Packed results are unpacked beside the output. */
  private Path plain(Path file) throws IOException {
    Packing packing = Packing.of(file);
    if (packing == Packing.NONE) return file;
    Path unpacked = output.resolveSibling(output.getFileName() + ".unpacked-" + temporary.size());
    temporary.add(unpacked);
    try (InputStream in = packing.unpack(disk.read(file, 0));
        OutputStream out = disk.create(unpacked)) {
      in.transferTo(out);
    }
    return unpacked;
  }

  private void copy(Input input, RecordTable table, OutputStream out) throws IOException {
    LineReader reader =
        new LineReader(input.read(Frontier.START), BatchOptions.Limits.DEFAULT.lineBytes());
    for (Line line; (line = reader.next()) != null; lines++) {
      long number = line.number();
      if (!table.has(number)) missing += wrong(number);
      else if (!table.isOf(number, line.hash())) changed += wrong(number);
      else {
        if (table.isFailed(number)) failed++;
        origins.count(table.copy(number, out));
      }
    }
  }

  private int wrong(long line) {
    if (wrong.size() < MAX_NAMED) wrong.add(line);
    return 1;
  }

  private int report(RecordTable table, int files, Path fresh) throws IOException {
    long foreign = table.lines() - (lines - missing);
    err.printf(
        Locale.ROOT,
        "%,d input lines, %,d files: %,d lines have their result, %,d have none, %,d have one of"
            + " another text; %,d results are of no line, %,d were there twice, %,d lines were"
            + " garbage%n",
        lines,
        files,
        lines - missing - changed,
        missing,
        changed,
        foreign,
        table.doubled(),
        table.garbage());
    if (missing + changed + foreign > 0) {
      if (!wrong.isEmpty())
        err.println("lines " + wrong + (missing + changed > wrong.size() ? ", …" : ""));
      err.println("quern batch merge: not every line is there exactly once; nothing is written");
      return ExitCode.FAILED;
    }
    String differences = origins.differences();
    if (!differences.isEmpty() && !force)
      throw new MismatchException(
          "the results were not all made alike; nothing is written:%s\n--force joins them"
              .formatted(differences));
    disk.move(fresh, output);
    disk.syncFolder(output.toAbsolutePath().getParent());
    err.printf(
        Locale.ROOT, "%s: %,d lines, each exactly once, %,d failed%n", output, lines, failed);
    return ExitCode.DONE;
  }
}
