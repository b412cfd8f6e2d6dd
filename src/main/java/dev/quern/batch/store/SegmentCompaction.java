package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.BitSet;

/**
 * Takes out of finished pieces what is no line's result: garbage, and results that were replaced.
 */
final class SegmentCompaction {
  private SegmentCompaction() {}

  /**
   * Writes those pieces again that hold such lines.
   *
   * @param index each line's result that counts
   */
  static void run(Disk disk, Path folder, LineIndex index) throws IOException {
    BitSet kept = new BitSet();
    for (Path file : SegmentFolder.segments(disk, folder)) {
      byte[] all;
      try (InputStream in = disk.read(file, 0)) {
        all = in.readAllBytes();
      }
      byte[] left = left(all, index, kept);
      if (left.length == all.length) continue;
      try (OutputStream out = disk.create(FolderFiles.open(file))) {
        out.write(left);
      }
      disk.move(FolderFiles.open(file), file);
    }
  }

  private static byte[] left(byte[] all, LineIndex index, BitSet kept) throws IOException {
    ByteArrayOutputStream left = new ByteArrayOutputStream(all.length);
    RecordScanner scanner = new RecordScanner(new ByteArrayInputStream(all), 0);
    for (Found found; (found = scanner.next()) != null; ) {
      if (found.id() == null) continue;
      long line = found.id().number();
      if (index.getFresh(line) != found.state()) continue;
      if (line <= Integer.MAX_VALUE) {
        if (kept.get((int) line)) continue;
        kept.set((int) line);
      }
      left.write(all, (int) found.offset(), (int) found.lengthBytes());
    }
    return left.toByteArray();
  }
}
