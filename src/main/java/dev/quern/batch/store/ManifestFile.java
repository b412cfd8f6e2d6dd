package dev.quern.batch.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** The manifest beside an output. */
final class ManifestFile {
  private ManifestFile() {}

  /** Null when there is none. */
  static Manifest read(Disk disk, Path file) throws IOException {
    if (disk.size(file) < 0) return null;
    try (InputStream in = disk.read(file, 0)) {
      return Manifest.parse(in.readAllBytes(), file);
    }
  }

  /**
   * The manifest of the attempts before, or this one's when there were none.
   *
   * @throws MismatchException where they differ, unless forced
   */
  static Manifest bind(Disk disk, Path file, Path output, Manifest now, boolean force)
      throws IOException {
    Manifest then = read(disk, file);
    if (then == null) return now;
    String differences = then.differences(now);
    if (!differences.isEmpty() && !force)
      throw new MismatchException(
          "output %s was made otherwise:%s\n--force goes on and keeps its results, --overwrite starts anew"
              .formatted(output, differences));
    return then;
  }
}
