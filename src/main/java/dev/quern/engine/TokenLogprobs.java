package dev.quern.engine;

/**
 * Log-probabilities at one position.
 *
 * @param token the chosen (or, in a prompt, the actual) id
 * @param logprob its log-probability under the raw logits
 * @param rank 1 = the most probable
 * @param topIds the alternatives asked for, best first
 * @param topLogprobs theirs
 */
public record TokenLogprobs(
    int token, float logprob, int rank, int[] topIds, float[] topLogprobs) {}
