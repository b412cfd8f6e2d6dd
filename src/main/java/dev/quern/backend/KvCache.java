package dev.quern.backend;

/**
 * Paged keys and values of one model. A block is contiguous and holds all layers for {@link
 * KvLayout#blockTokens} tokens; slot {@code s} is position {@code s % blockTokens} of block {@code
 * s / blockTokens}.
 */
public interface KvCache extends AutoCloseable {
  KvLayout layout();

  /** Blocks that may be used now. */
  int blocks();

  @Override
  void close();
}
