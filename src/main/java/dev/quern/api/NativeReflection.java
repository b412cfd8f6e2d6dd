package dev.quern.api;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * In a native executable Jackson sees only what is registered: the records that it writes, those
 * nested in them included.
 */
@RegisterForReflection(
    classNames = {
      "dev.quern.openai.ApiError",
      "dev.quern.openai.ChatAnswer",
      "dev.quern.openai.ChatChunk",
      "dev.quern.openai.ChatLogprobs",
      "dev.quern.openai.CompletionAnswer",
      "dev.quern.openai.CompletionLogprobs",
      "dev.quern.openai.ModelCard",
      "dev.quern.openai.PromptLogprob",
      "dev.quern.openai.Tokenizing$Text",
      "dev.quern.openai.Tokenizing$Tokens",
      "dev.quern.openai.Usage"
    })
final class NativeReflection {}
