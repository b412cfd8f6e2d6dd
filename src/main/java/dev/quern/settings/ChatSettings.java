package dev.quern.settings;

import java.util.Optional;

/** How messages become a prompt. */
public interface ChatSettings {
  @Flag("chat template: a file, or the text of one; unset = the tokenizer's")
  Optional<String> chatTemplate();

  @Flag(
      value =
          "how the template wants a message's content: as a string, or as OpenAI's list of parts",
      oneOf = {"auto", "string", "openai"},
      defaultsTo = "auto")
  String chatTemplateContentFormat();

  @Flag(value = "requests may bring a chat template of their own", defaultsTo = "false")
  boolean trustRequestChatTemplate();

  @Flag(value = "role of the answers", defaultsTo = "assistant")
  String responseRole();
}
