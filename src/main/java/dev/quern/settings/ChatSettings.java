package dev.quern.settings;

import io.smallrye.config.WithDefault;
import java.util.Optional;

/** How messages become a prompt. */
public interface ChatSettings {
  @Flag("chat template: a file, or the text of one; unset = the tokenizer's")
  Optional<String> chatTemplate();

  @Flag(
      value =
          "how the template wants a message's content: as a string, or as OpenAI's list of parts",
      oneOf = {"auto", "string", "openai"})
  @WithDefault("auto")
  String chatTemplateContentFormat();

  @Flag("requests may bring a chat template of their own")
  @WithDefault("false")
  boolean trustRequestChatTemplate();

  @Flag("role of the answers")
  @WithDefault("assistant")
  String responseRole();
}
