package dev.quern.openai;

import dev.quern.text.ChatTemplate;

/** How a template is given a message's content. */
public enum ContentFormat {
  /** As the template's loops show. */
  AUTO,
  STRING,
  /** A list of {@code {type, text}}. */
  PARTS;

  boolean asParts(ChatTemplate template) {
    return this == AUTO ? template.wantsContentParts() : this == PARTS;
  }
}
