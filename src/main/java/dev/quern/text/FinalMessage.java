package dev.quern.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prompts that end inside the last message. A tag is put after its text and the prompt is cut at
 * the tag, so that whatever the template writes after a message goes. Source: transformers' {@code
 * continue_final_message}.
 */
final class FinalMessage {
  private static final String MARK = "CONTINUE_FINAL_MESSAGE_TAG";
  private static final String TAG = MARK + " ";

  private FinalMessage() {}

  static String render(ChatTemplate template, Chat chat, Map<String, String> specialTokens) {
    if (chat.addGenerationPrompt()) {
      throw new ChatTemplateException(
          "continue_final_message and add_generation_prompt are not compatible: the one continues"
              + " the last message, the other starts a new one");
    }
    if (chat.messages().isEmpty())
      throw new ChatTemplateException("continue_final_message is set but there is no message");
    if (!template.source().contains("content")) {
      throw new ChatTemplateException(
          "continue_final_message is set but the chat template does not use \"content\"");
    }
    List<Map<String, ?>> messages = new ArrayList<>(chat.messages());
    Map<String, Object> last = new LinkedHashMap<>(messages.removeLast());
    String text = tag(last);
    messages.add(last);
    String prompt = template.render(chat.variables(specialTokens, messages));
    int cut = prompt.lastIndexOf(MARK);
    if (cut < 0 || !prompt.contains(text.strip())) {
      throw new ChatTemplateException(
          "continue_final_message is set but the final message does not appear in the chat after"
              + " applying the chat template");
    }
    // Where the template strips messages, the blank of the tag is gone, and so must be the blanks
    // before it.
    return prompt.startsWith(TAG, cut)
        ? prompt.substring(0, cut)
        : prompt.substring(0, cut).stripTrailing();
  }

  /** Appends the tag to the message's text and returns the text without it. */
  private static String tag(Map<String, Object> message) {
    switch (message.get("content")) {
      case String text -> {
        message.put("content", text + TAG);
        return text;
      }
      case List<?> parts -> {
        List<Object> tagged = new ArrayList<>(parts);
        for (int i = tagged.size() - 1; i >= 0; i--) {
          if (!(tagged.get(i) instanceof Map<?, ?> part)
              || !(part.get("text") instanceof String text)) continue;
          Map<Object, Object> copy = new LinkedHashMap<>(part);
          copy.put("text", text + TAG);
          tagged.set(i, copy);
          message.put("content", tagged);
          return text;
        }
        throw new ChatTemplateException(
            "continue_final_message is set but we could not find any text to continue in the final"
                + " message");
      }
      case null, default ->
          throw new ChatTemplateException(
              "continue_final_message is set but the final message has no \"content\" to continue");
    }
  }
}
