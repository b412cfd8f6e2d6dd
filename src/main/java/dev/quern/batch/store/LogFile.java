package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** A file that whole lines are appended to. */
final class LogFile implements Closeable {
  private static final int CHECK_BYTES = 4096;

  private final Path path;
  private final DiskFile file;
  private long wholeBytes;

  LogFile(Disk disk, Path path) throws IOException {
    this.path = path;
    file = disk.open(path);
    wholeBytes = file.size();
  }

  long bytes() {
    return wholeBytes;
  }

  /** Drops what is behind the last whole line. */
  void cutTo(long bytes) throws IOException {
    if (bytes < wholeBytes) {
      file.truncate(bytes);
      file.sync();
      wholeBytes = bytes;
    }
  }

  /** One write; where it fails half way (a full disk) the file is cut back. */
  void append(byte[] line) throws IOException {
    try {
      file.write(ByteBuffer.wrap(line), wholeBytes);
      wholeBytes += line.length;
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      try {
        file.truncate(wholeBytes);
      } catch (IOException cut) {
        e.addSuppressed(cut);
      }
      throw new IOException("cannot write to %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  void sync() throws IOException {
    file.sync();
  }

  /** A checksum of the last bytes before a point; tells whether an index belongs to this log. */
  int checkAt(long bytes) throws IOException {
    return checkAt(file, bytes);
  }

  static int checkAt(DiskFile file, long bytes) throws IOException {
    ByteBuffer last = ByteBuffer.allocate((int) Math.min(CHECK_BYTES, bytes));
    file.read(last, bytes - last.capacity());
    CRC32C crc = new CRC32C();
    crc.update(last.flip());
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
