package dev.quern.batch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Result lines appended to a file, each in one write. Where a write fails half way (a full disk),
 * the file is cut back to its last whole line. A file that holds something already is not touched
 * unless overwriting is asked for: it is likely to be another job's result.
 */
final class JsonlFile implements Results {
  private final Path path;
  private final FileChannel file;

  private JsonlFile(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  static JsonlFile open(Path path, boolean overwrite) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    try {
      if (file.size() > 0 && overwrite) file.truncate(0);
      else if (file.size() > 0)
        throw new IOException(
            "output %s exists and holds %d bytes; move it away or pass --overwrite"
                .formatted(path, file.size()));
      return new JsonlFile(path, file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public void write(Result result) throws IOException {
    ByteBuffer line = ByteBuffer.wrap(result.toLine());
    long wholeBytes = file.size();
    try {
      while (line.hasRemaining()) file.write(line);
    } catch (IOException e) {
      try {
        file.truncate(wholeBytes);
      } catch (IOException cut) {
        e.addSuppressed(cut);
      }
      throw new IOException("cannot write to %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
