package dev.quern.openai;

/**
 * What only chat completions have.
 *
 * @param prompt the rendered messages
 * @param role of the answers
 * @param echo what stands before each output: the text of the last message, or ""
 */
record ChatOptions(
    Prompt prompt, int n, String role, String echo, boolean logprobs, boolean returnPromptText) {}
