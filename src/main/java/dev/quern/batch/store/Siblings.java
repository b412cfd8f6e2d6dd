package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The outputs of shards of another count: what they hold is not answered again where the number of
 * shards was changed between attempts.
 */
final class Siblings implements Closeable {
  private final Disk disk;
  private final List<JobFiles> files = new ArrayList<>();
  private final List<SiblingLines> lines = new ArrayList<>();

  private Siblings(Disk disk) {
    this.disk = disk;
  }

  static Siblings none(Disk disk) {
    return new Siblings(disk);
  }

  /**
   * @param output the name without the shard
   */
  static Siblings open(Disk disk, Path output, Shard shard) throws IOException {
    Siblings siblings = new Siblings(disk);
    if (shard.count() == 1) return siblings;
    try {
      for (Path folder : disk.list(output.toAbsolutePath().getParent())) {
        String name = folder.getFileName().toString();
        if (!name.endsWith(JobFiles.SUFFIX)) continue;
        String of = name.substring(0, name.length() - JobFiles.SUFFIX.length());
        JobFiles files = new JobFiles(folder.resolveSibling(of));
        if (!shard.isSibling(output, files.output()) || !files.areOurs(disk)) continue;
        siblings.files.add(files);
        siblings.lines.add(SiblingLines.open(disk, files));
      }
      return siblings;
    } catch (IOException | RuntimeException e) {
      siblings.close();
      throw e;
    }
  }

  /**
   * @throws MismatchException where one was made from something else, unless forced
   */
  void bind(Manifest now, boolean force) throws IOException {
    for (JobFiles sibling : files)
      ManifestFile.bind(disk, sibling.manifest(), sibling.output(), now, force);
  }

  /**
   * A line's {@link LineState} when theirs count too: a success before a failure.
   *
   * @param own in the shard's own output
   */
  long state(long line, long own) throws IOException {
    long state = own;
    for (int i = 0; i < lines.size() && !LineState.isDone(state); i++) {
      long other = lines.get(i).get(line);
      if (other != LineState.ABSENT) state = other;
    }
    return state;
  }

  @Override
  public void close() throws IOException {
    for (SiblingLines sibling : lines) sibling.close();
  }
}
