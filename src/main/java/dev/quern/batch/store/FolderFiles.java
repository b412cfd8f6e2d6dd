package dev.quern.batch.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands in a folder of finished pieces. All shards share it.
 *
 * @param shard whose lease, mark and report are meant
 */
record FolderFiles(Path folder, Shard shard) {
  private static final String TAG = "\\d{5}-of-\\d{5}";
  private static final Pattern SEGMENT =
      Pattern.compile("part-\\d{14}-[0-9a-f-]{36}-(" + TAG + ")-\\d{6,}\\.jsonl");
  private static final Pattern OPEN =
      Pattern.compile("part-\\d{14}-[0-9a-f-]{36}-(" + TAG + ")-\\d{6,}(\\.jsonl)?\\.open");
  private static final Pattern SUCCESS = Pattern.compile("_SUCCESS(?:-(" + TAG + "))?");
  private static final Pattern REPORT = Pattern.compile("report(?:-(" + TAG + "))?\\.(json|html)");
  private static final Pattern BEFORE_MANIFEST =
      Pattern.compile("(lease-" + TAG + "(\\.new)?|manifest\\.json\\." + TAG + ")");

  Path manifest() {
    return folder.resolve("manifest.json");
  }

  /** What this shard writes and then renames to the manifest. */
  Path newManifest() {
    return folder.resolve("manifest.json." + shard.tag());
  }

  Path lease() {
    return folder.resolve("lease-" + shard.tag());
  }

  /** There when all lines have their result. */
  Path success() {
    return folder.resolve(shard.count() == 1 ? "_SUCCESS" : "_SUCCESS-" + shard.tag());
  }

  /** Without its ending. */
  Path report() {
    return folder.resolve(shard.count() == 1 ? "report" : "report-" + shard.tag());
  }

  /**
   * A finished piece.
   *
   * @param run the attempt that writes it
   * @param number counted from 1
   */
  Path segment(String run, int number) {
    return folder.resolve(
        String.format(Locale.ROOT, "part-%s-%s-%06d.jsonl", run, shard.tag(), number));
  }

  /** What is written before it is renamed to a finished piece. */
  static Path open(Path segment) {
    return segment.resolveSibling(segment.getFileName() + ".open");
  }

  static boolean isSegment(Path file) {
    return SEGMENT.matcher(file.getFileName().toString()).matches();
  }

  /** Nobody has written results or anything else here. */
  boolean isUnused(Disk disk) throws IOException {
    for (Path file : disk.list(folder))
      if (!BEFORE_MANIFEST.matcher(file.getFileName().toString()).matches()) return false;
    return true;
  }

  /** Deletes pieces, marks and reports, but for those of this job's other shards. */
  void clear(Disk disk) throws IOException {
    for (Path file : disk.list(folder))
      for (Pattern kind : new Pattern[] {SUCCESS, SEGMENT, OPEN, REPORT}) {
        Matcher name = kind.matcher(file.getFileName().toString());
        if (name.matches() && !shard.isSister(name.group(1))) disk.delete(file);
      }
  }

  /** Deletes what this job's attempts that are gone did not finish. */
  void deleteOpen(Disk disk) throws IOException {
    for (Path file : disk.list(folder)) {
      Matcher name = OPEN.matcher(file.getFileName().toString());
      if (name.matches() && (shard.count() == 1 || shard.tag().equals(name.group(1))))
        disk.delete(file);
    }
  }
}
