package dev.quern.cli;

import dev.quern.openai.ContentFormat;
import dev.quern.openai.Policy;
import dev.quern.settings.QuernConfig;

/** What the settings say about requests. */
final class Policies {
  private Policies() {}

  static Policy of(QuernConfig config) {
    return new Policy(
        config.chat().trustRequestChatTemplate(),
        config.server().enablePromptTokensDetails(),
        config.server().enableForceIncludeUsage(),
        config.chat().responseRole(),
        switch (config.chat().chatTemplateContentFormat()) {
          case "string" -> ContentFormat.STRING;
          case "openai" -> ContentFormat.PARTS;
          default -> ContentFormat.AUTO;
        });
  }
}
