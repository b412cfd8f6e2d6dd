package dev.quern.engine;

/**
 * One prompt to generate from; n outputs come of it.
 *
 * @param id for logs and traces
 * @param promptTokens at least one id, all in the vocabulary; not copied, must not change
 * @param cacheSalt keeps prefix blocks of this request apart from others', or null
 */
public record Request(String id, int[] promptTokens, SamplingParams params, String cacheSalt) {}
