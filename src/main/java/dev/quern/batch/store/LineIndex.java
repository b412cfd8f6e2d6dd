package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The index beside a result log: eight bytes for each input line, so that a job finds its place
 * again without reading what it has written.
 *
 * <p>The file starts with two slots for a {@link Head}, written in turn, each with a checksum; the
 * newest whole one counts. It says how much of the log the entries cover. Entries are written only
 * when that part of the log is durable, and the head only when the entries are, so an entry never
 * speaks of a result that a power cut took. What the log holds beyond the head is read again by
 * whoever opens it; entries written twice are the same entries.
 *
 * <p>{@link #get} is called by the thread that reads the input, {@link #put} by the one that writes
 * results, and never for a line at once.
 */
final class LineIndex implements Closeable {
  private static final long MAGIC = 0x5155_4552_4e49_5832L;
  private static final int SLOT_BYTES = 128;
  private static final int HEAD_BYTES = 9 * Long.BYTES;
  private static final long ENTRIES_START = 4096;
  private static final int PAGE_ENTRIES = 4096;

  /**
   * @param coveredBytes of the log
   * @param logCheck a checksum of the log's bytes before that point
   * @param done lines with a result, failed ones not among them
   * @param records lines of the log up to that point, of whatever kind
   */
  record Head(
      long coveredBytes, int logCheck, long done, long failed, long records, Frontier frontier) {
    static final Head EMPTY = new Head(0, 0, 0, 0, 0, Frontier.START);
  }

  private final DiskFile file;
  private long sequence;
  private Head head = Head.EMPTY;
  private final ByteBuffer page = ByteBuffer.allocate(PAGE_ENTRIES * Long.BYTES);
  private long pageFirst = -1;
  private final ByteBuffer one = ByteBuffer.allocate(Long.BYTES);

  private LineIndex(DiskFile file) {
    this.file = file;
  }

  static LineIndex open(DiskFile file) throws IOException {
    LineIndex index = new LineIndex(file);
    for (int slot = 0; slot < 2; slot++) index.readSlot(slot);
    return index;
  }

  private void readSlot(int slot) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES);
    file.read(bytes, (long) slot * SLOT_BYTES);
    if (bytes.hasRemaining()) return;
    bytes.flip();
    if (bytes.getLong(0) != MAGIC || bytes.getInt(HEAD_BYTES - 4) != check(bytes)) return;
    long number = bytes.getLong(8);
    if (number <= sequence) return;
    sequence = number;
    head =
        new Head(
            bytes.getLong(16),
            bytes.getInt(HEAD_BYTES - 8),
            bytes.getLong(24),
            bytes.getLong(32),
            bytes.getLong(40),
            new Frontier(bytes.getLong(48), bytes.getLong(56)));
  }

  private static int check(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, HEAD_BYTES - 4);
    return (int) crc.getValue();
  }

  Head head() {
    return head;
  }

  /** Forgets everything. */
  void clear() throws IOException {
    file.truncate(0);
    head = Head.EMPTY;
    pageFirst = -1;
  }

  /** A line's {@link LineState}, as it was when its page was read: lines are asked for in order. */
  synchronized long get(long line) throws IOException {
    long first = (line - 1) / PAGE_ENTRIES * PAGE_ENTRIES;
    if (first != pageFirst) {
      page.clear();
      file.read(page, ENTRIES_START + first * Long.BYTES);
      while (page.hasRemaining()) page.put((byte) 0);
      pageFirst = first;
    }
    return page.getLong((int) (line - 1 - first) * Long.BYTES);
  }

  /** A line's state as it is now. */
  synchronized long getFresh(long line) throws IOException {
    one.clear();
    file.read(one, ENTRIES_START + (line - 1) * Long.BYTES);
    return one.hasRemaining() ? LineState.ABSENT : one.getLong(0);
  }

  synchronized void put(long line, long state) throws IOException {
    one.clear();
    one.putLong(0, state);
    file.write(one, ENTRIES_START + (line - 1) * Long.BYTES);
    if (pageFirst >= 0 && line - 1 >= pageFirst && line - 1 < pageFirst + PAGE_ENTRIES)
      page.putLong((int) (line - 1 - pageFirst) * Long.BYTES, state);
  }

  /** Counts the lines that have a result and those that failed. */
  Output.Counts count() throws IOException {
    long[] states = new long[1 << 16];
    ByteBuffer entries = ByteBuffer.allocateDirect(states.length * Long.BYTES);
    long[] counts = new long[4];
    long end = file.size();
    for (long at = ENTRIES_START; at < end; at += entries.capacity()) {
      file.read(entries.clear(), at);
      int some = entries.flip().remaining() / Long.BYTES;
      entries.asLongBuffer().get(states, 0, some);
      LineState.count(states, some, counts);
    }
    return LineState.counts(counts);
  }

  /** The highest line that may have an entry. */
  long lastLine() throws IOException {
    return Math.max(0, (file.size() - ENTRIES_START) / Long.BYTES);
  }

  /** Makes the entries durable and says what they cover. */
  void checkpoint(Head next) throws IOException {
    file.sync();
    sequence++;
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES);
    bytes.putLong(MAGIC).putLong(sequence).putLong(next.coveredBytes);
    bytes.putLong(next.done).putLong(next.failed).putLong(next.records);
    bytes.putLong(next.frontier.line()).putLong(next.frontier.offset()).putInt(next.logCheck);
    bytes.putInt(HEAD_BYTES - 4, check(bytes));
    file.write(bytes.clear(), sequence % 2 * SLOT_BYTES);
    head = next;
  }

  /** Makes the last checkpoint's head durable too. */
  void sync() throws IOException {
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
