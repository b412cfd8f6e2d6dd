package dev.quern.model.family;

/** How a checkpoint stores matrices that are held as one: q, k and v, or gate and up. */
sealed interface Projection {
  /** One tensor for each, in our order: q, k, v or gate, up. */
  record Split(String... names) implements Projection {}

  /**
   * One tensor for each of q, k and v; in q and k the two halves of a head, which rotate together,
   * alternate row by row. They are held half after half.
   */
  record Alternating(String q, String k, String v) implements Projection {}

  /** One tensor, its parts one after another in our order. */
  record Joined(String name) implements Projection {}

  /**
   * One tensor of q, k and v, laid out by KV head: the q rows of the heads that share it, then its
   * k, then its v.
   */
  record ByKvHead(String name) implements Projection {}
}
