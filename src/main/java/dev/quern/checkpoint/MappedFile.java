package dev.quern.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Maps files of weights. */
final class MappedFile {
  private MappedFile() {}

  /**
   * The whole file, shared with the page cache; the mapping lives as long as any segment of it is
   * reachable.
   *
   * @throws CheckpointException when the file cannot be read
   */
  static MemorySegment map(Path file) {
    if (Files.isDirectory(file)) throw new CheckpointException(file + ": is a folder, not a file");
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    } catch (NoSuchFileException e) {
      throw new CheckpointException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
