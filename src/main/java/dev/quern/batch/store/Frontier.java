package dev.quern.batch.store;

/**
 * How far an input is answered without a gap.
 *
 * @param line the first line that may have no result yet, counted from 1
 * @param offset where it starts, in bytes of the (unpacked) input
 */
public record Frontier(long line, long offset) {
  public static final Frontier START = new Frontier(1, 0);
}
