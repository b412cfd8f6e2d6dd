package dev.quern.batch;

import dev.quern.batch.store.LineHash;

/**
 * One line of the input that is not blank.
 *
 * @param number counted from 1, blank lines included, as an editor shows it
 * @param bytes without the line end; null when it is longer than the limit
 * @param lengthBytes its length, also when it was too long to keep
 * @param endByte where the next line starts in the (unpacked) input
 */
record Line(long number, byte[] bytes, long lengthBytes, long startByte, long endByte) {
  long hash() {
    return bytes == null ? LineHash.ofLength(lengthBytes) : LineHash.of(bytes);
  }

  Line numbered(long other) {
    return new Line(other, bytes, lengthBytes, startByte, endByte);
  }

  /** What is kept of it in memory. */
  long keptBytes() {
    return bytes == null ? 0 : bytes.length;
  }
}
