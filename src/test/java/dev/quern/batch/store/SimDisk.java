package dev.quern.batch.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

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
    FULL
  }

  /** The process ends here; not an IOException, which somebody might handle. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final class Content {
    byte[] bytes = new byte[0];
    byte[] synced = new byte[0];

    void write(byte[] from, int count, long position) {
      int end = Math.toIntExact(position + count);
      if (end > bytes.length) bytes = Arrays.copyOf(bytes, end);
      System.arraycopy(from, 0, bytes, (int) position, count);
    }
  }

  private final Random random;
  private final Map<Path, Content> files = new TreeMap<>();

  /** Names as they were at the last sync of their folder; null for a file that was not there. */
  private final Map<Path, Content> unsyncedNames = new HashMap<>();

  private Trouble trouble;
  private long changesLeft = Long.MAX_VALUE;
  private boolean dead;
  private long changes;
  private boolean locked;

  SimDisk(long seed) {
    random = new Random(seed);
  }

  /** From now on, the n-th change (from 1) fails. */
  synchronized void failAt(long change, Trouble how) {
    changesLeft = change;
    trouble = how;
  }

  synchronized long changes() {
    return changes;
  }

  synchronized boolean failed() {
    return dead;
  }

  /** The next process, or the machine after its reboot, or with room on the disk again. */
  synchronized void restart() {
    if (dead && trouble == Trouble.POWER) {
      unsyncedNames.forEach(
          (path, before) -> {
            if (random.nextBoolean()) return;
            Content lost = before == null ? files.remove(path) : files.put(path, before);
            Path from = movedFrom.get(path);
            if (from != null && lost != null) files.putIfAbsent(from, lost);
          });
      for (Content content : files.values()) content.bytes = afterPowerCut(content);
    }
    for (Content content : files.values()) content.synced = content.bytes.clone();
    unsyncedNames.clear();
    movedFrom.clear();
    changesLeft = Long.MAX_VALUE;
    dead = false;
    locked = false;
  }

  /** Something between what was synced and what was written; a lost block reads as zeros. */
  private byte[] afterPowerCut(Content content) {
    int least = content.synced.length;
    if (content.bytes.length < least) return random.nextBoolean() ? content.bytes : content.synced;
    byte[] after =
        Arrays.copyOf(content.bytes, least + random.nextInt(content.bytes.length - least + 1));
    if (random.nextInt(3) == 0 && after.length > least)
      Arrays.fill(after, least + random.nextInt(after.length - least), after.length, (byte) 0);
    // Pages that were overwritten may be old or new.
    for (int i = 0; i < least; i++)
      if (after[i] != content.synced[i] && i % 8 == 0 && random.nextBoolean())
        System.arraycopy(content.synced, i, after, i, Math.min(8, least - i));
    return after;
  }

  /** True when this change is to fail; it is then done in part by the caller. */
  private boolean fails() throws IOException {
    if (dead) throw fail();
    changes++;
    if (--changesLeft > 0) return false;
    dead = true;
    return true;
  }

  private RuntimeException fail() throws IOException {
    if (trouble == Trouble.FULL) throw full();
    throw new Killed();
  }

  private static IOException full() {
    return new IOException("No space left on device");
  }

  private void name(Path path, Content content) {
    if (!unsyncedNames.containsKey(path)) unsyncedNames.put(path, files.get(path));
    if (content == null) files.remove(path);
    else files.put(path, content);
  }

  synchronized byte[] content(Path path) {
    return files.get(path).bytes;
  }

  @Override
  public synchronized long size(Path file) {
    Content content = files.get(file);
    return content == null ? -1 : content.bytes.length;
  }

  @Override
  public synchronized List<Path> list(Path folder) {
    List<Path> found = new ArrayList<>();
    for (Path file : files.keySet()) if (folder.equals(file.getParent())) found.add(file);
    return found;
  }

  @Override
  public synchronized InputStream read(Path file, long fromByte) throws IOException {
    Content content = files.get(file);
    if (content == null) throw new NoSuchFileException(file.toString());
    return new ByteArrayInputStream(
        content.bytes, (int) fromByte, content.bytes.length - (int) fromByte);
  }

  @Override
  public synchronized OutputStream create(Path file) throws IOException {
    Content content = new Content();
    if (fails()) throw fail();
    name(file, content);
    return new ByteArrayOutputStream() {
      @Override
      public void close() throws IOException {
        synchronized (SimDisk.this) {
          boolean fails = fails();
          content.write(buf, fails ? random.nextInt(count + 1) : count, 0);
          if (fails) throw fail();
          content.synced = content.bytes.clone();
        }
      }
    };
  }

  @Override
  public synchronized DiskFile open(Path file) throws IOException {
    if (!files.containsKey(file)) {
      if (fails()) throw fail();
      name(file, new Content());
    }
    return new Opened(files.get(file));
  }

  private final class Opened implements DiskFile {
    private final Content content;

    Opened(Content content) {
      this.content = content;
    }

    @Override
    public long size() {
      synchronized (SimDisk.this) {
        return content.bytes.length;
      }
    }

    @Override
    public void read(ByteBuffer into, long position) {
      synchronized (SimDisk.this) {
        long count = Math.min(into.remaining(), content.bytes.length - position);
        if (count > 0) into.put(content.bytes, (int) position, (int) count);
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      synchronized (SimDisk.this) {
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        boolean fails = fails();
        content.write(bytes, fails ? random.nextInt(bytes.length + 1) : bytes.length, position);
        if (fails) throw fail();
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      synchronized (SimDisk.this) {
        if (dead && trouble == Trouble.FULL) {
          // A full disk can still shrink files.
        } else if (fails()) {
          throw fail();
        }
        if (size < content.bytes.length) content.bytes = Arrays.copyOf(content.bytes, (int) size);
      }
    }

    @Override
    public void sync() throws IOException {
      synchronized (SimDisk.this) {
        if (fails()) throw fail();
        content.synced = content.bytes.clone();
      }
    }

    @Override
    public void close() {}
  }

  @Override
  public synchronized void move(Path from, Path to) throws IOException {
    Content content = files.get(from);
    if (content == null) throw new NoSuchFileException(from.toString());
    if (fails()) {
      // A rename is done or not.
      if (trouble != Trouble.FULL && random.nextBoolean()) rename(from, to, content);
      throw fail();
    }
    rename(from, to, content);
  }

  /** After a power cut it must be found under one of its names at least: both undo together. */
  private void rename(Path from, Path to, Content content) {
    name(to, content);
    files.remove(from);
    movedFrom.put(to, from);
  }

  private final Map<Path, Path> movedFrom = new HashMap<>();

  @Override
  public synchronized void delete(Path file) throws IOException {
    if (!files.containsKey(file)) return;
    if (fails()) throw fail();
    files.remove(file);
  }

  @Override
  public void createFolder(Path folder) {}

  @Override
  public synchronized void syncFolder(Path folder) throws IOException {
    if (fails()) throw fail();
    unsyncedNames.keySet().removeIf(path -> folder.equals(path.getParent()));
    movedFrom.keySet().removeIf(path -> folder.equals(path.getParent()));
  }

  @Override
  public synchronized Closeable lock(Path file, String holder) throws IOException {
    if (locked) throw new HeldException("another");
    locked = true;
    return () -> locked = false;
  }
}
