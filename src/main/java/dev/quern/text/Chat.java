package dev.quern.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat as a template sees it. Maps and lists hold what JSON holds: maps, lists, strings, numbers,
 * booleans and null.
 *
 * @param messages at least one for most templates; each a map with {@code role} and mostly {@code
 *     content}
 * @param tools tool definitions, or null
 * @param documents documents to answer from, or null
 * @param addGenerationPrompt ends the prompt with the start of an assistant message
 * @param continueFinalMessage leaves the last message open, so that generation continues it
 * @param extra further variables ({@code chat_template_kwargs}); they win over everything else but
 *     the messages
 */
public record Chat(
    List<? extends Map<String, ?>> messages,
    List<?> tools,
    List<?> documents,
    boolean addGenerationPrompt,
    boolean continueFinalMessage,
    Map<String, ?> extra) {

  /** A chat without tools or further variables whose answer is to be generated. */
  public static Chat of(List<? extends Map<String, ?>> messages) {
    return new Chat(messages, null, null, true, false, Map.of());
  }

  Map<String, Object> variables(
      Map<String, String> specialTokens, List<? extends Map<String, ?>> messages) {
    Map<String, Object> variables = new LinkedHashMap<>(specialTokens);
    variables.put("tools", tools);
    variables.put("documents", documents);
    variables.put("add_generation_prompt", addGenerationPrompt);
    variables.putAll(extra);
    variables.put("messages", messages);
    return variables;
  }
}
