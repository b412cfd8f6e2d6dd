package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock of the operating system on a file that names its holder. The system drops it when the
 * process ends, however it ends; POSIX systems also when the process closes any other channel of
 * that file, so a file that is locked here is not opened a second time.
 */
final class LocalLock implements Closeable {
  private static final int HOLDER_BYTES = 4096;

  /** The locks of this process and who has them. */
  private static final Map<Path, String> HELD = new ConcurrentHashMap<>();

  private final Path file;
  private final FileChannel channel;

  private LocalLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * @throws HeldException with the holder's name
   */
  static LocalLock take(Path name, String holder) throws IOException {
    Path file = name.toAbsolutePath().getParent().toRealPath().resolve(name.getFileName());
    String here = HELD.putIfAbsent(file, holder);
    if (here != null) throw new HeldException(here);
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) throw new HeldException(holder(channel));
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((holder + "\n").getBytes(StandardCharsets.UTF_8)), 0);
      return new LocalLock(file, channel);
    } catch (IOException | RuntimeException e) {
      HELD.remove(file);
      if (channel != null) channel.close();
      throw e;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) Math.min(channel.size(), HOLDER_BYTES));
    channel.read(content, 0);
    return StandardCharsets.UTF_8.decode(content.flip()).toString().strip();
  }

  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) return;
    channel.close();
    HELD.remove(file);
  }
}
