package dev.quern.settings;

/**
 * An engine's numbers once every "auto" is resolved: immutable, logged once at start.
 *
 * @param maxModelLen longest sequence in tokens
 * @param maxNumSeqs most sequences of a step
 * @param maxNumBatchedTokens token budget of a step
 * @param blockTokens tokens of a KV block
 * @param kvBlocks blocks of the KV cache
 * @param prefixCaching finished blocks are kept for equal prefixes
 * @param chunkedPrefill prompts may be split over steps
 * @param lookAhead steps planned before the last one's tokens are read
 * @param maxLogprobs the most alternatives a request may ask for; -1 = the whole vocabulary
 * @param maxQueuedRequests requests that may wait; 0 = no bound
 * @param seed where requests without a seed draw theirs from
 */
public record EngineSettings(
    int maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    int blockTokens,
    int kvBlocks,
    boolean prefixCaching,
    boolean chunkedPrefill,
    int lookAhead,
    int maxLogprobs,
    int maxQueuedRequests,
    long seed) {}
