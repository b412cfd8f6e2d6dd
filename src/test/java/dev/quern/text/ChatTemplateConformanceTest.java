package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Real chat templates against what transformers made of them. The folder comes from the environment
 * and holds {@code templates.json} (source by name), {@code cases.json} (variables by name) and
 * {@code ref.json} (by template and case, {@code ok} with the text or {@code err}). A case passes
 * where the text is equal or both sides fail.
 */
class ChatTemplateConformanceTest {
  private static final String FOLDER = System.getenv("QUERN_TEST_CHAT_TEMPLATES");

  @Test
  void rendersAsTransformers() throws Exception {
    assumeTrue(FOLDER != null, "QUERN_TEST_CHAT_TEMPLATES names no folder of templates");
    Map<String, String> templates = read("templates.json");
    Map<String, Map<String, Object>> cases = read("cases.json");
    Map<String, Map<String, Map<String, String>>> reference = read("ref.json");
    List<String> misses = new ArrayList<>();
    int total = 0;
    Clock clock = clock(reference);
    for (String name : templates.keySet()) {
      ChatTemplate template = ChatTemplate.parse(templates.get(name), clock);
      for (String test : cases.keySet()) {
        total++;
        String difference = difference(template, cases.get(test), reference.get(name).get(test));
        if (difference != null) misses.add(name + "/" + test + ": " + difference);
      }
    }
    System.out.println("chat templates: " + (total - misses.size()) + " of " + total + " equal");
    misses.forEach(System.out::println);
    assertTrue(total > 0);
    assertEquals(List.of(), misses);
  }

  private static String difference(
      ChatTemplate template, Map<String, Object> variables, Map<String, String> expected) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("tools", null);
    all.put("documents", null);
    all.put("bos_token", "<s>");
    all.put("eos_token", "</s>");
    all.putAll(variables);
    String text;
    try {
      text = template.render(all);
    } catch (ChatTemplateException e) {
      return expected.containsKey("err") ? null : "failed: " + e.getMessage();
    }
    String wanted = expected.get("ok");
    if (wanted == null) return "should fail: " + expected.get("err");
    if (text.equals(wanted)) return null;
    int at = 0;
    while (at < Math.min(text.length(), wanted.length()) && text.charAt(at) == wanted.charAt(at))
      at++;
    return "at "
        + at
        + " wanted ..."
        + around(wanted, at)
        + "... got ..."
        + around(text, at)
        + "...";
  }

  private static String around(String text, int at) {
    return text.substring(Math.max(0, at - 20), Math.min(text.length(), at + 40))
        .replace("\n", "\\n");
  }

  /** The reference was made on one day, which some templates write into the prompt. */
  private static Clock clock(Map<String, Map<String, Map<String, String>>> reference) {
    for (Map<String, Map<String, String>> cases : reference.values()) {
      for (Map<String, String> result : cases.values()) {
        Matcher date =
            Pattern.compile("[Cc]urrent date(?: is|:) (\\d{4}-\\d\\d-\\d\\d)")
                .matcher(result.getOrDefault("ok", ""));
        if (date.find())
          return Clock.fixed(
              LocalDate.parse(date.group(1)).atTime(12, 0).toInstant(ZoneOffset.UTC),
              ZoneOffset.UTC);
      }
    }
    return Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
  }

  @SuppressWarnings("unchecked")
  private static <T> T read(String file) throws Exception {
    return (T) new ObjectMapper().readValue(Path.of(FOLDER, file).toFile(), LinkedHashMap.class);
  }
}
