package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A lock as a plain file, for places that have no locks: it names its holder and the time until
 * which it holds, and is written again while the holder lives. Who comes waits until that time has
 * passed; where it was put off meanwhile the holder lives. Two who come at the very same moment may
 * both get it: the output stays right then, only some lines are answered twice.
 */
final class Lease implements Closeable {
  private static final String SEPARATOR = "\n";

  private final Disk disk;
  private final Path file;
  private final String holder;
  private final long millis;
  private final String token = UUID.randomUUID().toString();
  private final Thread keeper;
  private volatile boolean closed;
  private volatile IOException lost;

  /** What stands in the file. */
  private record Content(String token, String holder, long untilMillis) {
    byte[] bytes() {
      return String.join(SEPARATOR, token, holder, Long.toString(untilMillis), "")
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  private Lease(Disk disk, Path file, String holder, long millis) {
    this.disk = disk;
    this.file = file;
    this.holder = holder;
    this.millis = millis;
    keeper = Thread.ofPlatform().name("batch-lease").daemon().unstarted(this::keep);
  }

  /**
   * Takes the lease, waiting for the end of one whose holder is gone.
   *
   * @param millis how long it holds without being renewed
   * @throws HeldException where the holder lives
   */
  static Lease take(Disk disk, Path file, String holder, long millis) throws IOException {
    Lease lease = new Lease(disk, file, holder, millis);
    try {
      Content first = read(disk, file);
      for (Content now = first; now != null; now = read(disk, file)) {
        long left = now.untilMillis - System.currentTimeMillis();
        if (now.untilMillis != first.untilMillis && left > 0) throw new HeldException(now.holder);
        if (left <= 0) break;
        Thread.sleep(Math.min(left + 1, 1000));
      }
      lease.write();
      lease.check();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    lease.keeper.start();
    return lease;
  }

  /** Null when nobody holds it; a torn file is nobody's. */
  private static Content read(Disk disk, Path file) throws IOException {
    if (disk.size(file) < 0) return null;
    try (InputStream in = disk.read(file, 0)) {
      String[] parts = new String(in.readAllBytes(), StandardCharsets.UTF_8).split(SEPARATOR, -1);
      return parts.length == 4 ? new Content(parts[0], parts[1], Long.parseLong(parts[2])) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private void write() throws IOException {
    try (OutputStream out = disk.create(file)) {
      out.write(new Content(token, holder, System.currentTimeMillis() + millis).bytes());
    }
  }

  private void check() throws IOException {
    Content now = read(disk, file);
    if (now != null && !now.token.equals(token)) throw new HeldException(now.holder);
  }

  private void keep() {
    try {
      while (!closed) {
        Thread.sleep(Math.max(1, millis / 3));
        synchronized (this) {
          if (closed) return;
          check();
          write();
        }
      }
    } catch (IOException | RuntimeException e) {
      lost = new IOException("the output's lease was lost: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      // closed
    }
  }

  /**
   * @throws IOException when it was lost to another
   */
  void require() throws IOException {
    if (lost != null) throw lost;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    keeper.interrupt();
    if (lost == null) disk.delete(file);
  }
}
