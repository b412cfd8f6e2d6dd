package dev.quern.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A blob's incomplete file: at any moment a beginning of the blob, with its hash taken along. Bytes
 * are written where they belong, so that two processes that write the same blob do no harm.
 */
final class GrowingBlob implements AutoCloseable {
  private final FileChannel channel;
  private final BlobHash hash;
  private long position;

  private GrowingBlob(FileChannel channel, RemoteFile file) {
    this.channel = channel;
    this.hash = new BlobHash(file);
  }

  /** Opens the file and takes the hash of what an earlier try left; more than there can be goes. */
  static GrowingBlob open(Path path, RemoteFile file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    GrowingBlob blob = new GrowingBlob(channel, file);
    try {
      if (channel.size() > file.bytes()) channel.truncate(0);
      blob.readBeginning();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return blob;
  }

  private void readBeginning() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
    while (channel.read(buffer, position) > 0) {
      buffer.flip();
      position += buffer.remaining();
      hash.update(buffer);
      buffer.clear();
    }
  }

  /** Bytes that are there. */
  long position() {
    return position;
  }

  void append(ByteBuffer bytes) throws IOException {
    hash.update(bytes.duplicate());
    long at = position;
    while (bytes.hasRemaining()) at += channel.write(bytes, at);
    position = at;
  }

  /** Brings all to the disk; true where the bytes are those of the hash. */
  boolean finish() throws IOException {
    channel.force(true);
    return hash.matches();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
