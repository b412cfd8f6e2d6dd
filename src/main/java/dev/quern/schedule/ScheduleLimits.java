package dev.quern.schedule;

/**
 * The scheduler's numbers.
 *
 * @param maxTokens token budget of a step
 * @param maxSequences most sequences that run at once
 * @param maxLength longest sequence in tokens, prompt and output
 * @param blockTokens tokens of a KV block
 * @param chunkedPrefill a prompt may be spread over several steps; otherwise {@code maxTokens} must
 *     hold the longest sequence
 * @param prefixCaching blocks of finished sequences are kept for equal prefixes
 * @param lookAhead steps that may be planned before the last one has landed: 0 or 1
 */
public record ScheduleLimits(
    int maxTokens,
    int maxSequences,
    int maxLength,
    int blockTokens,
    boolean chunkedPrefill,
    boolean prefixCaching,
    int lookAhead) {
  public ScheduleLimits {
    if (maxTokens < 1 || maxSequences < 1 || maxLength < 1 || blockTokens < 1)
      throw new IllegalArgumentException("limits must be positive");
    if (lookAhead < 0 || lookAhead > 1)
      throw new IllegalArgumentException("look-ahead is 0 or 1, got " + lookAhead);
    if (!chunkedPrefill && maxTokens < maxLength)
      throw new IllegalArgumentException(
          "without chunked prefill a step's "
              + maxTokens
              + " tokens must hold the longest sequence, "
              + maxLength);
  }

  /** Blocks that hold {@code tokens} tokens. */
  public int blocksFor(int tokens) {
    return (tokens + blockTokens - 1) / blockTokens;
  }
}
