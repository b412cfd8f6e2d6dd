package dev.quern.batch.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of pieces on the real file system, with a lease that soon ends. */
public final class QuickFolder {
  private static final long LEASE_MILLIS = 300;

  private QuickFolder() {}

  public static SegmentFolder open(Path folder, Shard shard) throws IOException {
    return SegmentFolder.open(
        new LocalDisk(),
        folder,
        new OutputOptions(shard, false, false, "process " + ProcessHandle.current().pid()),
        Files.createTempFile("quern-", ".lines"),
        LEASE_MILLIS);
  }
}
