package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat's messages as a template wants them: maps, with the content either as one string or as a
 * list of {@code {type, text}} parts, and tool calls' arguments as objects.
 *
 * @param values to be given to the template
 */
record ChatMessages(List<Map<String, Object>> values) {

  /**
   * @param asParts the template loops over the parts of a message's content
   * @param keepDevelopers the template knows the role {@code developer}; else it becomes {@code
   *     system}
   */
  static ChatMessages read(Fields body, boolean asParts, boolean keepDevelopers) {
    JsonNode messages = body.get("messages");
    if (messages == null) throw ApiException.badRequest("messages is required", "messages");
    if (!messages.isArray()) throw Fields.wrong("messages", "a list", messages);
    if (messages.isEmpty()) throw ApiException.badRequest("messages must not be empty", "messages");
    List<Map<String, Object>> values = new ArrayList<>(messages.size());
    for (JsonNode message : messages) {
      Map<String, Object> value = read(message, "messages[" + values.size() + "]", asParts);
      if (!keepDevelopers) value.replace("role", "developer", "system");
      values.add(value);
    }
    return new ChatMessages(values);
  }

  private static Map<String, Object> read(JsonNode message, String where, boolean asParts) {
    if (!message.isObject()) throw wrong(where, "must be an object", message);
    JsonNode role = message.get("role");
    if (role == null || !role.isTextual() || role.textValue().isEmpty())
      throw wrong(where + ".role", "must be a string", role);
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("role", role.textValue());
    value.put("content", content(message.get("content"), where + ".content", asParts));
    for (var field : message.properties()) {
      String name = field.getKey();
      if (name.equals("tool_calls") && !field.getValue().isNull())
        value.put(name, toolCalls(field.getValue(), where + ".tool_calls"));
      else if (!value.containsKey(name) && !field.getValue().isNull())
        value.put(name, JsonValues.of(field.getValue()));
    }
    return value;
  }

  private static Object content(JsonNode content, String where, boolean asParts) {
    if (content == null || content.isNull()) return asParts ? List.of() : "";
    List<String> texts = new ArrayList<>();
    if (content.isTextual()) texts.add(content.textValue());
    else if (content.isArray())
      for (JsonNode part : content) texts.add(text(part, where + "[" + texts.size() + "]"));
    else throw wrong(where, "must be a string or a list of parts", content);
    if (!asParts) return String.join("\n", texts);
    List<Map<String, Object>> parts = new ArrayList<>(texts.size());
    for (String text : texts) {
      Map<String, Object> part = new LinkedHashMap<>();
      part.put("type", "text");
      part.put("text", text);
      parts.add(part);
    }
    return parts;
  }

  private static String text(JsonNode part, String where) {
    if (part.isTextual()) return part.textValue();
    if (!part.isObject()) throw wrong(where, "must be an object", part);
    JsonNode type = part.get("type");
    String name = type == null ? "text" : type.asText();
    String field =
        switch (name) {
          case "text", "input_text", "output_text" -> "text";
          case "refusal" -> "refusal";
          default ->
              throw ApiException.badRequest(
                  where + " is of type " + Fields.show(type) + ": only text is supported",
                  "messages");
        };
    JsonNode text = part.get(field);
    if (text == null || !text.isTextual())
      throw wrong(where + "." + field, "must be a string", text);
    return text.textValue();
  }

  /** Clients send a call's arguments as a string of JSON; templates write objects. */
  private static Object toolCalls(JsonNode calls, String where) {
    if (!calls.isArray()) throw wrong(where, "must be a list", calls);
    List<Object> values = new ArrayList<>(calls.size());
    for (JsonNode call : calls) {
      Object value = JsonValues.of(call);
      JsonNode arguments = call.path("function").path("arguments");
      if (arguments.isTextual()
          && value instanceof Map<?, ?> map
          && map.get("function") instanceof Map<?, ?> function) {
        Map<Object, Object> parsed = new LinkedHashMap<>(function);
        parsed.put("arguments", arguments(arguments.textValue(), where));
        Map<Object, Object> outer = new LinkedHashMap<>(map);
        outer.put("function", parsed);
        value = outer;
      }
      values.add(value);
    }
    return values;
  }

  private static Object arguments(String json, String where) {
    if (json.isBlank()) return Map.of();
    JsonNode parsed = Json.parse(json.getBytes(StandardCharsets.UTF_8));
    if (!parsed.isObject())
      throw wrong(where + "[].function.arguments", "must hold a JSON object", parsed);
    return JsonValues.of(parsed);
  }

  private static ApiException wrong(String where, String what, JsonNode value) {
    String shown = value == null ? "nothing" : Fields.show(value);
    return ApiException.badRequest(where + " " + what + ", got " + shown, "messages");
  }

  String lastRole() {
    return (String) values.getLast().get("role");
  }

  /** The last message's text. */
  String lastText() {
    Object content = values.getLast().get("content");
    if (content instanceof String text) return text;
    StringBuilder joined = new StringBuilder();
    if (content instanceof List<?> parts)
      for (Object part : parts) if (part instanceof Map<?, ?> map) joined.append(map.get("text"));
    return joined.toString();
  }
}
