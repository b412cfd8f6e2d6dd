package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A lock as a plain file, for places that have no locks: it names its holder and the time until
 * which it holds, and is written again while the holder lives. Who comes waits until that time has
 * passed; where it was put off meanwhile the holder lives. A holder that was cut off for longer
 * finds out by {@link #confirm}, before others see what it did. Two who come at the very same
 * moment may both get it: the output stays right then, only some lines are answered twice.
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
  private long untilMillis;

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
    } catch (NumberFormatException | NoSuchFileException e) {
      return null;
    }
  }

  /** Never in part: who reads half a lease takes it for nobody's. */
  private void write() throws IOException {
    untilMillis = System.currentTimeMillis() + millis;
    disk.replace(file, new Content(token, holder, untilMillis).bytes());
  }

  /** What stands in the file, which is ours. */
  private Content check() throws IOException {
    Content now = read(disk, file);
    if (now == null) throw new HeldException("another who is gone again");
    if (!now.token.equals(token)) throw new HeldException(now.holder);
    return now;
  }

  private void keep() {
    try {
      while (!closed) {
        Thread.sleep(Math.max(1, millis / 3));
        renew();
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private synchronized void renew() {
    if (closed || lost != null) return;
    long until = untilMillis;
    try {
      check();
      write();
    } catch (HeldException e) {
      lose("to " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      // A place that does not answer may again; nobody takes the lease before its time.
      untilMillis = until;
      if (System.currentTimeMillis() > until)
        lose("since it cannot be renewed: " + e.getMessage(), e);
    }
  }

  private void lose(String why, Exception cause) {
    lost = new IOException("the output's lease was lost " + why, cause);
  }

  /**
   * @throws IOException when it was lost to another, as far as that was noticed
   */
  void require() throws IOException {
    if (lost != null) throw lost;
  }

  /**
   * Looks whether it is still ours.
   *
   * @throws IOException when it was lost to another
   */
  synchronized void confirm() throws IOException {
    require();
    try {
      // Late, but nobody came: it holds again.
      if (System.currentTimeMillis() > check().untilMillis) {
        write();
        check();
      }
    } catch (HeldException e) {
      lose("to " + e.getMessage(), e);
      throw lost;
    }
  }

  boolean isLost() {
    return lost != null;
  }

  /** Gives it back, if it is still ours. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    keeper.interrupt();
    if (lost != null) return;
    Content now = read(disk, file);
    if (now != null && now.token.equals(token)) disk.delete(file);
  }
}
