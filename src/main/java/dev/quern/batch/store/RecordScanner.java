package dev.quern.batch.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads output lines without parsing them: where each starts, whose it is, whether it failed. A
 * line that is none of ours, or holds a control character (our JSON has none; a block that was lost
 * to a power cut reads as zeros), is {@linkplain Found#id garbage}. A last piece without a line end
 * is not given: {@link #wholeBytes} ends before it.
 */
final class RecordScanner {
  /** The end of a line that succeeded. */
  static final byte[] SUCCESS_END = ",\"error\":null}".getBytes(StandardCharsets.US_ASCII);

  private static final int TAIL_BYTES = SUCCESS_END.length;
  private static final int BUFFER_BYTES = 1 << 18;

  /**
   * @param lengthBytes with the line end
   * @param id null for garbage
   */
  record Found(long offset, long lengthBytes, ResultId id, boolean failed) {
    long state() {
      return LineState.of(id.hash(), failed);
    }
  }

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private long wholeBytes;
  private final byte[] head = new byte[ResultId.HEAD_BYTES];
  private final byte[] tail = new byte[TAIL_BYTES];

  /**
   * @param offset of the stream's first byte
   */
  RecordScanner(InputStream in, long offset) {
    this.in = in;
    wholeBytes = offset;
  }

  /** Where the last whole line ends. */
  long wholeBytes() {
    return wholeBytes;
  }

  /** The next line, or null at the end. */
  Found next() throws IOException {
    long length = 0;
    boolean clean = true;
    while (true) {
      if (position == limit) {
        position = 0;
        limit = Math.max(0, in.read(buffer));
        if (limit == 0) return null;
      }
      int end = position;
      byte b = 0;
      while (end < limit && (b = buffer[end]) != '\n') {
        clean &= (b & 0xE0) != 0;
        end++;
      }
      keep(length, position, end);
      length += end - position;
      position = end;
      if (end == limit) continue;
      position++;
      Found found = found(length, clean);
      wholeBytes += length + 1;
      return found;
    }
  }

  private void keep(long before, int from, int to) {
    if (before < head.length)
      System.arraycopy(
          buffer, from, head, (int) before, Math.min(to - from, head.length - (int) before));
    int count = Math.min(to - from, TAIL_BYTES);
    System.arraycopy(tail, count, tail, 0, TAIL_BYTES - count);
    System.arraycopy(buffer, to - count, tail, TAIL_BYTES - count, count);
  }

  private Found found(long length, boolean clean) {
    ResultId id =
        clean && length > head.length + TAIL_BYTES && tail[TAIL_BYTES - 1] == '}'
            ? ResultId.parse(head, head.length)
            : null;
    return new Found(wholeBytes, length + 1, id, !java.util.Arrays.equals(tail, SUCCESS_END));
  }
}
