package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each input line's one result is, among the records of several files: 16 bytes a line in a
 * scratch file. Of two results of a line the later one counts, but never a failure over a success.
 */
public final class RecordTable implements Closeable {
  private static final int ENTRY_BYTES = 2 * Long.BYTES;
  private static final int OFFSET_BITS = 46;
  private static final int MAX_SOURCES = 1 << 17;

  private final Disk disk;
  private final Path scratch;
  private final DiskFile table;
  private final List<DiskFile> sources = new ArrayList<>();
  private final ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES);
  private long lastLine;
  private long lines;
  private long doubled;
  private long garbage;

  public RecordTable(Disk disk, Path scratch) throws IOException {
    this.disk = disk;
    this.scratch = scratch;
    disk.delete(scratch);
    table = disk.open(scratch);
  }

  /** Takes in all records of a file. */
  public void add(Path file) throws IOException {
    if (sources.size() == MAX_SOURCES)
      throw new IOException("more than " + MAX_SOURCES + " files are not joined at once");
    long source = (long) sources.size() << OFFSET_BITS;
    sources.add(disk.openToRead(file));
    try (var in = disk.read(file, 0)) {
      RecordScanner scanner = new RecordScanner(in, 0);
      for (Found found; (found = scanner.next()) != null; ) {
        if (found.id() == null) garbage++;
        else put(found.id().number(), found.state(), source + found.offset());
      }
    }
  }

  private void put(long line, long state, long place) throws IOException {
    long older = state(line);
    if (older == LineState.ABSENT) lines++;
    else doubled++;
    if (!LineState.supersedes(state, older)) return;
    entry.clear();
    entry.putLong(0, state).putLong(8, place);
    table.write(entry, (line - 1) * ENTRY_BYTES);
    lastLine = Math.max(lastLine, line);
  }

  /** A line's {@link LineState}. */
  long state(long line) throws IOException {
    entry.clear();
    table.read(entry, (line - 1) * ENTRY_BYTES);
    return entry.hasRemaining() ? LineState.ABSENT : entry.getLong(0);
  }

  public boolean has(long line) throws IOException {
    return state(line) != LineState.ABSENT;
  }

  public boolean isFailed(long line) throws IOException {
    return LineState.isFailed(state(line));
  }

  /** Whether a line's result is one of this text. */
  public boolean isOf(long line, long hash) throws IOException {
    return LineState.sameLine(state(line), hash);
  }

  /** Lines that have a result. */
  public long lines() {
    return lines;
  }

  /**
   * Writes a line's result out; the line must have one.
   *
   * @return the fingerprint of what made it
   */
  public String copy(long line, OutputStream out) throws IOException {
    state(line);
    long place = entry.getLong(8);
    DiskFile source = sources.get((int) (place >>> OFFSET_BITS));
    long offset = place & (1L << OFFSET_BITS) - 1;
    byte[] bytes = new byte[1 << 14];
    String fingerprint = null;
    while (true) {
      ByteBuffer piece = ByteBuffer.wrap(bytes);
      source.read(piece, offset);
      int end = 0;
      while (end < piece.position() && bytes[end] != '\n') end++;
      boolean whole = end < piece.position();
      if (fingerprint == null) fingerprint = ResultId.fingerprint(bytes);
      out.write(bytes, 0, whole ? end + 1 : end);
      if (whole) return fingerprint;
      if (end == 0) throw new IOException("a result of line " + line + " went away");
      offset += end;
    }
  }

  long lastLine() {
    return lastLine;
  }

  /** Records beside the first of their line. */
  public long doubled() {
    return doubled;
  }

  public long garbage() {
    return garbage;
  }

  @Override
  public void close() throws IOException {
    table.close();
    for (DiskFile source : sources) source.close();
    disk.delete(scratch);
  }
}
