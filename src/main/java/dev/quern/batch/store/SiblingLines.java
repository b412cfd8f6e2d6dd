package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What another job's output holds, read without a lock: its index, and the records behind it. Used
 * where the number of shards was changed between attempts.
 */
final class SiblingLines implements Closeable {
  private final LineIndex index;
  private final Map<Long, Long> behindIndex = new HashMap<>();

  private SiblingLines(LineIndex index) {
    this.index = index;
  }

  static SiblingLines open(Disk disk, Path output) throws IOException {
    JobFiles files = new JobFiles(output);
    SiblingLines lines = new SiblingLines(LineIndex.open(disk.open(files.index())));
    Path log = disk.size(files.log()) >= 0 ? files.log() : output;
    boolean packed = log.equals(output) && Packing.of(output) != Packing.NONE;
    long covered = lines.index.head().coveredBytes();
    if (packed && covered > 0) return lines;
    long size = disk.size(log);
    if (!packed) {
      try (DiskFile file = disk.open(log)) {
        if (covered > size
            || covered > 0 && LogFile.checkAt(file, covered) != lines.index.head().logCheck())
          covered = 0;
      }
    }
    try (var in = packed ? Packing.of(output).unpack(disk.read(log, 0)) : disk.read(log, covered)) {
      RecordScanner scanner = new RecordScanner(in, covered);
      for (Found found; (found = scanner.next()) != null; ) {
        if (found.id() == null) continue;
        long older = lines.behindIndex.getOrDefault(found.id().number(), LineState.ABSENT);
        if (LineState.supersedes(found.state(), older))
          lines.behindIndex.put(found.id().number(), found.state());
      }
    }
    return lines;
  }

  long get(long line) throws IOException {
    Long late = behindIndex.get(line);
    return late != null ? late : index.get(line);
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
