package dev.quern.backend;

/**
 * The largest step there will be; every buffer is sized by it once.
 *
 * @param maxTokens T of the largest step
 * @param maxSequences S of the largest step
 * @param maxBlocks blocks of the longest sequence
 * @param maxLogprobs the most alternatives a row may ask for
 */
public record BatchLimits(int maxTokens, int maxSequences, int maxBlocks, int maxLogprobs) {}
