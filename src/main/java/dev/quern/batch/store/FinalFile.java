package dev.quern.batch.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * A log on its way to the output's name, and back. At each moment all results are in the log or in
 * the output, under that name and durable; where both are there, the log is the one that counts.
 */
final class FinalFile {
  private FinalFile() {}

  /** Rewrites the log in input order, without what is no line's result. */
  static void compact(Disk disk, JobFiles files) throws IOException {
    Path compact = files.scratch("results.compact");
    try (RecordTable table = new RecordTable(disk, files.scratch("table"))) {
      table.add(files.log());
      try (OutputStream out = new BufferedOutputStream(disk.create(compact), 1 << 20)) {
        for (long line = 1; line <= table.lastLine(); line++)
          if (table.state(line) != LineState.ABSENT) table.copy(line, out);
      }
    }
    disk.move(compact, files.log());
  }

  /** The log, which is complete and durable, becomes the output. */
  static void publish(Disk disk, JobFiles files) throws IOException {
    Packing packing = Packing.of(files.output());
    if (packing != Packing.NONE) {
      Path packed = files.scratch("results.packed");
      try (InputStream in = disk.read(files.log(), 0);
          OutputStream out = packing.pack(disk.create(packed))) {
        in.transferTo(out);
      }
      disk.move(packed, files.output());
      disk.syncFolder(files.parent());
      disk.delete(files.log());
    } else {
      disk.move(files.log(), files.output());
    }
    disk.syncFolder(files.parent());
    disk.syncFolder(files.folder());
  }

  /** A complete output becomes a log again. */
  static void reopen(Disk disk, JobFiles files) throws IOException {
    Packing packing = Packing.of(files.output());
    if (packing != Packing.NONE) {
      Path unpacked = files.scratch("results.unpacked");
      try (InputStream in = packing.unpack(disk.read(files.output(), 0));
          OutputStream out = disk.create(unpacked)) {
        in.transferTo(out);
      }
      disk.move(unpacked, files.log());
      disk.syncFolder(files.folder());
      disk.delete(files.output());
    } else {
      disk.move(files.output(), files.log());
    }
  }
}
