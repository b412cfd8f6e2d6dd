package dev.quern.batch.store;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What stands in a folder of finished pieces. All shards share it.
 *
 * @param shard whose lease, mark and report are meant
 */
record FolderFiles(Path folder, Shard shard) {
  static final String PART = "part-";
  private static final String SUCCESS = "_SUCCESS";
  private static final String MANIFEST = "manifest.json";
  private static final String LEASE = "lease-";
  private static final String REPORT = "report";
  private static final String WHOLE = ".jsonl";

  Path manifest() {
    return folder.resolve(MANIFEST);
  }

  /** What this shard writes and then renames to the manifest. */
  Path newManifest() {
    return folder.resolve(MANIFEST + "." + shard.tag());
  }

  Path lease() {
    return folder.resolve(LEASE + shard.tag());
  }

  /** There when all lines have their result. */
  Path success() {
    return folder.resolve(shard.count() == 1 ? SUCCESS : SUCCESS + "-" + shard.tag());
  }

  /** Without its ending. */
  Path report() {
    return folder.resolve(shard.count() == 1 ? REPORT : REPORT + "-" + shard.tag());
  }

  /** A finished piece. */
  static boolean isSegment(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(PART) && name.endsWith(WHOLE);
  }

  /** A piece that is being written, in place of the finished one or before it. */
  static Path open(Path segment) {
    return segment.resolveSibling(segment.getFileName() + ".open");
  }

  /** A finished piece's path by its name without ending. */
  Path segment(String name) {
    return folder.resolve(name + WHOLE);
  }

  /** There is nothing in the folder that is not a job's. */
  boolean holdsOnlyOurs(Disk disk) throws IOException {
    for (Path file : disk.list(folder)) if (!isOurs(file)) return false;
    return true;
  }

  /** Deletes what jobs left, but no leases. */
  void clear(Disk disk) throws IOException {
    for (Path file : disk.list(folder))
      if (isOurs(file) && !file.getFileName().toString().startsWith(LEASE)) disk.delete(file);
  }

  private static boolean isOurs(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(PART)
        || name.startsWith(LEASE)
        || name.startsWith(SUCCESS)
        || name.startsWith(REPORT)
        || name.startsWith(MANIFEST);
  }
}
