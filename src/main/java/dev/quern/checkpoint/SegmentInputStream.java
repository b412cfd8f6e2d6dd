package dev.quern.checkpoint;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The bytes of a segment as a stream. */
final class SegmentInputStream extends InputStream {
  private final MemorySegment segment;
  private long position;

  SegmentInputStream(MemorySegment segment) {
    this.segment = segment;
  }

  @Override
  public int read() {
    if (position == segment.byteSize()) return -1;
    return segment.get(ValueLayout.JAVA_BYTE, position++) & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    if (length == 0) return 0;
    long left = segment.byteSize() - position;
    if (left == 0) return -1;
    int n = (int) Math.min(left, length);
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, position, into, offset, n);
    position += n;
    return n;
  }
}
