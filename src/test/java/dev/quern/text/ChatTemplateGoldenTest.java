package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Our own templates and many small probes of the language against what transformers made of them
 * (src/test/python/chat_templates.py).
 */
class ChatTemplateGoldenTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-04T05:06:07.080900Z"), ZoneOffset.UTC);

  @Test
  void rendersChatsAsTransformers() throws Exception {
    List<String> misses = new ArrayList<>();
    for (Map<String, Object> entry : entries("chats"))
      check(entry, variables(entry.get("variables")), misses);
    assertEquals(List.of(), misses);
  }

  @Test
  void evaluatesAsJinja() throws Exception {
    List<String> misses = new ArrayList<>();
    Map<String, Object> values = variables(golden().get("values"));
    for (Map<String, Object> entry : entries("probes")) check(entry, values, misses);
    assertEquals(List.of(), misses);
  }

  @Test
  @SuppressWarnings("unchecked")
  void continuesTheFinalMessageAsTransformers() throws Exception {
    List<String> misses = new ArrayList<>();
    for (Map<String, Object> entry : entries("continued")) {
      List<Map<String, Object>> messages = (List<Map<String, Object>>) entry.get("messages");
      Chat chat = new Chat(messages, null, null, false, true, Map.of());
      String template = (String) entry.get("template");
      Object got;
      try {
        got = ChatTemplate.parse(template).render(chat, Map.of());
      } catch (ChatTemplateException e) {
        got = null;
      }
      if (!Objects.equals(entry.get("ok"), got))
        misses.add(template + messages + " should give " + entry.get("ok") + ", gave " + got);
    }
    assertEquals(List.of(), misses);
  }

  private static void check(
      Map<String, Object> entry, Map<String, Object> variables, List<String> misses) {
    String template = (String) entry.get("template");
    Object wanted = entry.get("ok");
    try {
      String text = ChatTemplate.parse(template, CLOCK).render(variables);
      if (wanted == null)
        misses.add(template + " should fail with " + entry.get("err") + ", gave " + text);
      else if (!wanted.equals(text))
        misses.add(template + " should give " + wanted + ", gave " + text);
    } catch (ChatTemplateException e) {
      if (wanted != null)
        misses.add(template + " should give " + wanted + ", failed: " + e.getMessage());
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> variables(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> entries(String name) throws Exception {
    return (List<Map<String, Object>>) golden().get(name);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> golden() throws Exception {
    try (InputStream in =
        ChatTemplateGoldenTest.class.getResourceAsStream("/chat-templates.json")) {
      return new ObjectMapper().readValue(in, LinkedHashMap.class);
    }
  }
}
