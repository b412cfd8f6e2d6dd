package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What another shard's output holds, read without a lock: its index, and the records behind it. */
final class SiblingLines implements Closeable {
  private final Map<Long, Long> behindIndex = new HashMap<>();
  private LineIndex index; // null where there is none that matches the results

  private SiblingLines() {}

  static SiblingLines open(Disk disk, JobFiles files) throws IOException {
    SiblingLines lines = new SiblingLines();
    try {
      lines.read(disk, files);
      return lines;
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  private void read(Disk disk, JobFiles files) throws IOException {
    boolean complete = disk.size(files.log()) < 0;
    Path results = complete ? files.output() : files.log();
    if (disk.size(results) < 0) return; // begun anew
    if (disk.size(files.index()) >= 0) index = LineIndex.open(disk.openToRead(files.index()));
    long covered = index == null ? 0 : index.head().coveredBytes();
    Packing packing = complete ? Packing.of(results) : Packing.NONE;
    if (packing == Packing.NONE) {
      try (DiskFile file = disk.openToRead(results)) {
        // A line that is passed over must not go away, as a killed process' last ones may.
        file.sync();
        if (covered > file.size() || LogFile.checkAt(file, covered) != index.head().logCheck())
          covered = 0;
      }
    } else if (covered > 0) {
      return; // it was complete, and so was its index
    }
    if (covered == 0 && index != null) {
      index.close();
      index = null;
    }
    try (InputStream in = packing.unpack(disk.read(results, covered))) {
      RecordScanner scanner = new RecordScanner(in, covered);
      for (Found found; (found = scanner.next()) != null; ) {
        if (found.id() == null) continue;
        long line = found.id().number();
        if (LineState.supersedes(found.state(), get(line))) behindIndex.put(line, found.state());
      }
    }
  }

  /** A line's {@link LineState}. */
  long get(long line) throws IOException {
    Long late = behindIndex.get(line);
    if (late != null) return late;
    return index == null ? LineState.ABSENT : index.get(line);
  }

  @Override
  public void close() throws IOException {
    if (index != null) index.close();
  }
}
