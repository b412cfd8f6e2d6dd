package dev.quern.batch.store;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A disk in memory that fails at the n-th change. Contents that were not synced, and names whose
 * folder was not, may be gone after a power cut: in part, from the end.
 */
final class SimDisk implements Disk {
  /** How the n-th change fails. */
  enum Trouble {
    /** The process is killed: what was written stays, the change is done in part. */
    KILL,
    /** The machine loses power: what was not synced may be lost, or zeros in part. */
    POWER,
    /** Writes fail from then on, the process lives. */
    FULL,
    /** Only this change fails, the process lives. */
    ONCE
  }

  /** The process ends here; not an IOException, which somebody might handle. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final Random random;
  private final SimNames names = new SimNames();
  private Trouble trouble;
  private long changesLeft = Long.MAX_VALUE;
  private boolean dead;
  private long changes;
  private boolean locked;
  private Runnable beforeLock = () -> {};

  SimDisk(long seed) {
    random = new Random(seed);
  }

  /** From now on, the n-th change (from 1) fails. */
  synchronized void failAt(long change, Trouble how) {
    changesLeft = change;
    trouble = how;
  }

  /** What another process does just before the lock is taken next. */
  synchronized void beforeLock(Runnable other) {
    beforeLock = other;
  }

  synchronized long changes() {
    return changes;
  }

  synchronized boolean failed() {
    return dead;
  }

  /**
   * The next process, or the machine after its reboot, or with room on the disk again. What a
   * killed process wrote and did not sync may still be lost to a later power cut.
   */
  synchronized void restart() {
    if (dead && trouble == Trouble.POWER) {
      names.cutPower(random);
      for (SimContent content : names.contents()) content.cutPower(random);
      for (SimContent content : names.contents()) content.sync();
      names.syncAll();
    }
    changesLeft = Long.MAX_VALUE;
    dead = false;
    locked = false;
  }

  /** Some of so many bytes. */
  int part(int bytes) {
    return random.nextInt(bytes + 1);
  }

  /** A full disk can still shrink files. */
  boolean isFull() {
    return dead && trouble == Trouble.FULL;
  }

  /** True when this change is to fail; it is then done in part by the caller. */
  boolean fails() throws IOException {
    if (dead && trouble != Trouble.ONCE) throw fail();
    changes++;
    if (--changesLeft > 0) return false;
    changesLeft = Long.MAX_VALUE;
    dead = true;
    return true;
  }

  RuntimeException fail() throws IOException {
    if (trouble == Trouble.FULL) throw new IOException("No space left on device");
    if (trouble == Trouble.ONCE) throw new IOException("Input/output error");
    throw new Killed();
  }

  @Override
  public synchronized long size(Path file) {
    SimContent content = names.get(file);
    return content == null ? -1 : content.bytes().length;
  }

  @Override
  public synchronized List<Path> list(Path folder) {
    return names.in(folder);
  }

  @Override
  public synchronized InputStream read(Path file, long fromByte) throws IOException {
    SimContent content = names.get(file);
    if (content == null) throw new NoSuchFileException(file.toString());
    return new ByteArrayInputStream(
        content.bytes(), (int) fromByte, content.bytes().length - (int) fromByte);
  }

  @Override
  public synchronized OutputStream create(Path file) throws IOException {
    SimContent content = new SimContent();
    if (fails()) throw fail();
    names.put(file, content);
    return new Written(content);
  }

  /** Written front to back, in pieces; durable when closed. */
  private final class Written extends OutputStream {
    private final SimContent content;
    private boolean closed;

    Written(SimContent content) {
      this.content = content;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      synchronized (SimDisk.this) {
        boolean fails = fails();
        byte[] part = Arrays.copyOfRange(bytes, from, from + count);
        content.write(part, fails ? part(count) : count, content.bytes().length);
        if (fails) throw fail();
      }
    }

    /** As of any file: once, also where that failed. */
    @Override
    public void close() throws IOException {
      synchronized (SimDisk.this) {
        if (closed) return;
        closed = true;
        if (fails()) throw fail();
        content.sync();
      }
    }
  }

  @Override
  public synchronized DiskFile open(Path file) throws IOException {
    if (names.get(file) == null) {
      if (fails()) throw fail();
      names.put(file, new SimContent());
    }
    return new SimFile(this, names.get(file));
  }

  @Override
  public synchronized DiskFile openToRead(Path file) throws IOException {
    if (names.get(file) == null) throw new NoSuchFileException(file.toString());
    return new SimFile(this, names.get(file));
  }

  @Override
  public synchronized void move(Path from, Path to) throws IOException {
    if (names.get(from) == null) throw new NoSuchFileException(from.toString());
    if (fails()) {
      // A rename is done or not.
      if (trouble != Trouble.FULL && random.nextBoolean()) names.move(from, to);
      throw fail();
    }
    names.move(from, to);
  }

  @Override
  public synchronized void delete(Path file) throws IOException {
    if (names.get(file) == null) return;
    if (fails()) throw fail();
    names.remove(file);
  }

  @Override
  public void createFolder(Path folder) {}

  @Override
  public synchronized void syncFolder(Path folder) throws IOException {
    if (fails()) throw fail();
    names.sync(folder);
  }

  @Override
  public synchronized Closeable lock(Path file, String holder) throws IOException {
    Runnable other = beforeLock;
    beforeLock = () -> {};
    other.run();
    if (locked) throw new HeldException("another");
    locked = true;
    return () -> locked = false;
  }
}
