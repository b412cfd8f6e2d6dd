package dev.quern.openai;

/**
 * What only text completions have.
 *
 * @param echo the prompt comes before the output
 * @param promptOnly echo with max_tokens 0: the engine must make one token, which is not told
 * @param logprobs log-probabilities are wanted
 * @param skipSpecialTokens leaves them out of a prompt that is decoded for echo
 */
record CompletionOptions(
    boolean echo, boolean promptOnly, boolean logprobs, boolean skipSpecialTokens) {}
