package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file. Reads may come from other threads than the one that writes. */
public interface DiskFile extends Closeable {
  long size() throws IOException;

  /** Reads until the buffer is full or the file ends. */
  void read(ByteBuffer into, long position) throws IOException;

  /** Writes all of the buffer, or fails with some of it written. */
  void write(ByteBuffer from, long position) throws IOException;

  void truncate(long size) throws IOException;

  /** Returns when all that was written is durable. */
  void sync() throws IOException;
}
