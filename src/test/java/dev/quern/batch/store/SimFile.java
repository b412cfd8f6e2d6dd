package dev.quern.batch.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file of a {@link SimDisk}. */
final class SimFile implements DiskFile {
  private final SimDisk disk;
  private final SimContent content;

  SimFile(SimDisk disk, SimContent content) {
    this.disk = disk;
    this.content = content;
  }

  @Override
  public long size() {
    synchronized (disk) {
      return content.bytes().length;
    }
  }

  @Override
  public void read(ByteBuffer into, long position) {
    synchronized (disk) {
      long count = Math.min(into.remaining(), content.bytes().length - position);
      if (count > 0) into.put(content.bytes(), (int) position, (int) count);
    }
  }

  @Override
  public void write(ByteBuffer from, long position) throws IOException {
    synchronized (disk) {
      byte[] bytes = new byte[from.remaining()];
      from.get(bytes);
      boolean fails = disk.fails();
      content.write(bytes, fails ? disk.part(bytes.length) : bytes.length, position);
      if (fails) throw disk.fail();
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    synchronized (disk) {
      if (!disk.isFull() && disk.fails()) throw disk.fail();
      content.truncate(size);
    }
  }

  @Override
  public void sync() throws IOException {
    synchronized (disk) {
      if (disk.fails()) throw disk.fail();
      content.sync();
    }
  }

  @Override
  public void close() {}
}
