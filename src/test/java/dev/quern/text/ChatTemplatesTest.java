package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which template a model has, what a template can do to the server, and that a chat is only text to
 * it.
 */
class ChatTemplatesTest {
  @TempDir Path folder;

  @Test
  void takesTheBuiltInModelsTemplate() throws Exception {
    ChatTemplate template = ChatTemplates.resolve(TokenizerTest.BUILT_IN, null).forChat(false);
    String prompt =
        template.render(Chat.of(List.of(Map.of("role", "user", "content", "Hi"))), Map.of());
    assertEquals("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", prompt);
  }

  @Test
  void laterSourcesWin() throws Exception {
    assertMissing("no chat template");
    write("chat_template.json", "{\"chat_template\": \"processor\"}");
    assertEquals("processor", rendered(null, false));
    write("tokenizer_config.json", "{\"chat_template\": \"config\"}");
    assertEquals("config", rendered(null, true));
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"}, {\"name\":"
            + " \"tool_use\", \"template\": \"t\"}, {\"name\": \"rag\", \"template\": \"r\"}]}");
    assertEquals("d", rendered(null, false));
    assertEquals("t", rendered(null, true));
    assertEquals("r", rendered("rag", true));
    write("chat_template.jinja", "file");
    assertEquals("file", rendered(null, false));
    assertEquals("t", rendered(null, true));
    Files.createDirectory(folder.resolve("chat_templates"));
    write("chat_templates/tool_use.jinja", "tools");
    assertEquals("tools", rendered(null, true));
    assertEquals(Set.of("default", "tool_use", "rag"), ChatTemplates.resolve(folder, null).names());
  }

  @Test
  void theOptionIsAFileANameOrTheTemplate() throws Exception {
    write("own.jinja", "own {{ 1 + 1 }}");
    assertEquals("own 2", rendered(folder.resolve("own.jinja").toString(), true));
    assertEquals("3", rendered("{{ 1 + 2 }}", false));
    String message =
        assertThrows(ChatTemplateException.class, () -> rendered("no-such-file", false))
            .getMessage();
    assertTrue(message.contains("no-such-file"), message);
  }

  @Test
  void saysWhichNamesThereAre() throws Exception {
    write(
        "tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"}]}");
    assertMissing("rag");
  }

  @Test
  void namesTheLineOfASyntaxError() {
    String message =
        assertThrows(ChatTemplateException.class, () -> ChatTemplate.parse("a\nb\n{{ x + }}"))
            .getMessage();
    assertTrue(message.contains("line 3"), message);
  }

  @Test
  void textOfTheChatIsNeverEvaluated() {
    String attack =
        "{{ 7 * 7 }} {% for x in range(9) %}x{% endfor %} {# gone #} {{ raise_exception('no') }}"
            + " {%- raw -%} %} }} #}";
    ChatTemplate template =
        ChatTemplate.parse(
            "{% macro say(x) %}{{ x }}{% endmacro %}{% set joined %}{% for m in messages %}{{"
                + " m.content }}|{{ say(m.content) }}|{{ m.content | trim | replace('q', 'r') }}|{{"
                + " '%s' % m.content }}|{{ '{}'.format(m.content) }}|{{ m | tojson }}{% endfor %}{%"
                + " endset %}{{ joined }}");
    String prompt =
        template.render(Chat.of(List.of(Map.of("role", "user", "content", attack))), Map.of());
    String json = "{\"role\": \"user\", \"content\": \"" + attack + "\"}";
    String other = "{\"content\": \"" + attack + "\", \"role\": \"user\"}";
    String five = (attack + "|").repeat(5);
    assertTrue(prompt.equals(five + json) || prompt.equals(five + other), prompt);
  }

  @Test
  void aFormatStringOfTheChatReachesNoInternals() {
    ChatTemplate template = ChatTemplate.parse("{{ messages[0].content.format(messages) }}");
    for (String attack : List.of("{0.__class__}", "{0[0].__init__}", "{x.__globals__}")) {
      Chat chat = Chat.of(List.of(Map.of("role", "user", "content", attack)));
      String result;
      try {
        result = template.render(chat, Map.of());
      } catch (ChatTemplateException e) {
        result = "";
      }
      assertEquals("", result, attack);
    }
  }

  @Test
  void variablesOfTheRequestWin() {
    ChatTemplate template =
        ChatTemplate.parse(
            "{{ bos_token }}{{ tools is none }}{{ documents is none }}{{ enable_thinking }}{{"
                + " add_generation_prompt }}");
    Chat chat =
        new Chat(
            List.of(),
            null,
            null,
            false,
            false,
            Map.of("enable_thinking", false, "bos_token", "<b>"));
    assertEquals("<b>TrueTrueFalseFalse", template.render(chat, Map.of("bos_token", "<s>")));
  }

  @Test
  void finalMessageAndGenerationPromptExclude() {
    Chat chat =
        new Chat(
            List.of(Map.of("role", "assistant", "content", "x")), null, null, true, true, Map.of());
    ChatTemplate template = ChatTemplate.parse("{{ messages[0].content }}");
    assertThrows(ChatTemplateException.class, () -> template.render(chat, Map.of()));
  }

  @Test
  void tellsContentPartsFromStrings() {
    assertTrue(
        ChatTemplate.parse(
                "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor"
                    + " %}")
            .wantsContentParts());
    assertTrue(
        ChatTemplate.parse(
                "{% set l = messages[1:] %}{% for m in l %}{% for p in m['content'] | list %}x{%"
                    + " endfor %}{% endfor %}")
            .wantsContentParts());
    assertFalse(
        ChatTemplate.parse("{% for m in messages %}{{ m.content }}{% endfor %}")
            .wantsContentParts());
    assertFalse(
        ChatTemplate.parse("{% for m in tools %}{% for p in m.content %}x{% endfor %}{% endfor %}")
            .wantsContentParts());
  }

  @Test
  void knowsTheVariablesItReads() {
    ChatTemplate template =
        ChatTemplate.parse(
            "{% set a = b %}{{ a }}{% for m in messages if c %}{{ m }}{{ loop.index }}{% endfor"
                + " %}{% macro f(x, y=d) %}{{ x }}{{ e }}{% endmacro %}{% if g %}{% set h = 1 %}{%"
                + " endif %}{{ h }}{{ namespace(a=1).a }}{% if i is defined %}{% endif %}{{ f(1)"
                + " }}");
    assertEquals(Set.of("b", "messages", "c", "d", "e", "g", "h", "i"), template.variables());
  }

  @Test
  void readsTheClockItIsGiven() {
    Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
    assertEquals(
        "02 Jan 2026",
        ChatTemplate.parse("{{ strftime_now('%d %b %Y') }}", clock).render(Map.of()));
  }

  @Test
  void limitsHold() {
    List<String> bombs =
        List.of(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{%"
                + " endfor %}",
            "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{%"
                + " endfor %}",
            "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{%"
                + " endfor %}{{ ns.l }}",
            "{% set ns = namespace(l=[1]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{%"
                + " endfor %}{{ ns.l | tojson }}",
            "{{ 'x' * 999999999 }}",
            "{{ [1] * 999999999 }}",
            "{{ '%999999999d' % 1 }}",
            "{{ '{:999999999}'.format(1) }}",
            "{{ 'x'.center(999999999) }}",
            "{{ 'x' | indent(999999999, true) }}",
            "{{ ('x' * 9999) | replace('', 'x' * 9999) }}",
            "{{ range(999999999) }}",
            "{{ 9223372036854775807 + 1 }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% for i in range(99999) %}{{ 'xxxxxxxxxx' * 999 }}{% endfor %}",
            "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
            "{{ 1" + " + 1".repeat(5000) + " }}",
            "{% if 1 %}".repeat(5000) + "{% endif %}".repeat(5000));
    for (String bomb : bombs) {
      String message =
          assertThrows(
                  ChatTemplateException.class,
                  () -> ChatTemplate.parse(bomb).render(Map.of()),
                  bomb)
              .getMessage();
      assertFalse(message.isEmpty());
    }
  }

  @Test
  void refusesVariablesThatAreNoData() {
    ChatTemplate template = ChatTemplate.parse("{{ x }}");
    assertThrows(
        ChatTemplateException.class, () -> template.render(Map.of("x", new StringBuilder[0])));
    Object deep = "x";
    for (int i = 0; i < 10_000; i++) deep = Collections.singletonList(deep);
    Object nested = deep;
    assertThrows(ChatTemplateException.class, () -> template.render(Map.of("x", nested)));
  }

  private String rendered(String option, boolean hasTools) throws Exception {
    return ChatTemplates.resolve(folder, option).forChat(hasTools).render(Map.of());
  }

  private void assertMissing(String expected) throws Exception {
    ChatTemplates templates = ChatTemplates.resolve(folder, null);
    String message =
        assertThrows(ChatTemplateException.class, () -> templates.forChat(false)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }
}
