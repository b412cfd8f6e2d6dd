package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream into lines, as bytes. Lines end with LF or CRLF (the last may end with the stream);
 * blank lines are counted and skipped; a byte order mark at the start is dropped. A line longer
 * than the limit is read past without being kept, so that memory is bounded by the limit.
 */
final class LineReader implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream in;
  private final int maxLineBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private long lineNumber;
  private long startByte;
  private volatile long readBytes; // written by the reading thread only

  /** The line being put together, when it does not lie whole in the buffer. */
  private byte[] kept = new byte[0];

  LineReader(InputStream in, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /** The stream was taken up at a line in the middle of the input. */
  void startAt(Frontier at) {
    lineNumber = at.line() - 1;
    readBytes = at.offset();
  }

  /** Bytes of the stream up to the end of the last line given. */
  long readBytes() {
    return readBytes;
  }

  /** The next line that is not blank, or null at the end. */
  Line next() throws IOException {
    while (true) {
      int keptBytes = 0;
      long lengthBytes = 0;
      boolean ended = false;
      while (!ended) {
        if (position == limit && !fill()) {
          if (lengthBytes == 0) return null;
          break;
        }
        int end = lineEnd();
        ended = end < limit;
        int run = end - position;
        lengthBytes += run;
        // One byte more than the limit is kept: it may be the CR of a CRLF.
        if (lengthBytes <= maxLineBytes + 1L) {
          if (kept.length < keptBytes + run) grow(keptBytes + run);
          System.arraycopy(buffer, position, kept, keptBytes, run);
          keptBytes += run;
        }
        position = ended ? end + 1 : end;
      }
      lineNumber++;
      startByte = readBytes;
      readBytes = startByte + lengthBytes + (ended ? 1 : 0);
      Line line = line(keptBytes, lengthBytes);
      if (line != null) return line;
    }
  }

  private Line line(int keptBytes, long lengthBytes) {
    if (lengthBytes == keptBytes) {
      int from = lineNumber == 1 && startsWithMark(keptBytes) ? 3 : 0;
      int to = keptBytes;
      if (to > from && kept[to - 1] == '\r') to--;
      if (to - from <= maxLineBytes) {
        byte[] bytes = blank(from, to) ? null : Arrays.copyOfRange(kept, from, to);
        if (kept.length > 16 * BUFFER_BYTES) kept = new byte[0];
        return bytes == null
            ? null
            : new Line(lineNumber, bytes, bytes.length, startByte, readBytes);
      }
    }
    return new Line(lineNumber, null, lengthBytes, startByte, readBytes);
  }

  private boolean startsWithMark(int length) {
    return length >= 3
        && kept[0] == (byte) 0xEF
        && kept[1] == (byte) 0xBB
        && kept[2] == (byte) 0xBF;
  }

  private boolean blank(int from, int to) {
    for (int i = from; i < to; i++) {
      byte b = kept[i];
      if (b != ' ' && b != '\t' && b != '\r') return false;
    }
    return true;
  }

  private int lineEnd() {
    for (int i = position; i < limit; i++) if (buffer[i] == '\n') return i;
    return limit;
  }

  private void grow(int atLeast) {
    long doubled = Math.max(atLeast, 2L * kept.length);
    kept = Arrays.copyOf(kept, (int) Math.min(doubled, maxLineBytes + 1L));
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer));
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
