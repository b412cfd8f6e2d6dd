package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Broken and hostile templates: mutations of real ones and random tokens, parsed and rendered.
 * Nothing but a ChatTemplateException may come out. Runs 2,000 inputs; {@code -Dquern.fuzz=N} or
 * {@code QUERN_TEST_FUZZ=N} runs more. {@code QUERN_TEST_CHAT_TEMPLATES} adds real templates to
 * mutate.
 */
class ChatTemplateFuzzTest {
  private static final String[] PIECES =
      ("{{¦}}¦{%¦%}¦{{-¦-}}¦{%-¦-%}¦{#¦#}¦{%+¦if ¦elif ¦else¦endif¦for ¦ in ¦endfor¦"
              + "set ¦endset¦macro m(a, b=1)¦endmacro¦call m()¦endcall¦filter upper¦endfilter¦"
              + "with x=1¦endwith¦generation¦endgeneration¦break¦continue¦raw¦endraw¦not ¦ and ¦"
              + " or ¦ is ¦defined¦none¦messages¦message¦.content¦['role']¦[0]¦[1:]¦[::-1]¦"
              + "[-9999999999:9999999999:3]¦loop¦.index¦.last¦.nextitem¦ns¦"
              + "namespace(a=messages)¦ns.a¦=¦==¦<¦>=¦+¦-¦*¦**¦/¦//¦%¦~¦|¦,¦:¦.¦(¦)¦[¦]¦{¦}¦'a'¦"
              + "\"b\"¦'%s'¦'%999999999d'¦'{:>99999999}'¦0¦1¦2¦-1¦1e308¦9223372036854775807¦"
              + "1000000000¦0x7fff¦trim¦upper¦length¦tojson(indent=3)¦list¦join(',')¦"
              + "replace('', 'xx')¦map(attribute='content')¦"
              + "selectattr('role', 'equalto', 'user')¦indent(99999999)¦center(99999999)¦"
              + "batch(2)¦sort¦dictsort¦items¦default('x')¦groupby('role')¦range(99999)¦"
              + "range(5)¦m(1)¦caller()¦dict(a=1)¦.items()¦.split('')¦.split()¦.strip('a')¦"
              + ".format(1)¦.join(messages)¦raise_exception('x')¦strftime_now('%c')¦\n¦  ¦\\¦'¦"
              + "\"¦\u6771¦\ud83d\ude00¦\ud83d¦\0¦recursive¦loop(x)¦varargs¦cycler(1,2).next()¦"
              + "if x else y¦*[1]¦**{'a':1}¦safe")
          .split("¦");

  @Test
  @Timeout(3600)
  void onlyOwnExceptions() throws Exception {
    int count = count();
    List<String> corpus = corpus();
    Map<String, Object> values = values();
    Random random = new Random(20_261_124);
    int parsed = 0;
    int rendered = 0;
    long slowestNanos = 0;
    String slowest = "";
    for (int i = 0; i < count; i++) {
      String input = input(corpus, random);
      long start = System.nanoTime();
      try {
        ChatTemplate template = ChatTemplate.parse(input);
        parsed++;
        template.wantsContentParts();
        template.render(values);
        rendered++;
      } catch (ChatTemplateException e) {
        if (e.getMessage() == null || e.getMessage().isEmpty())
          fail("no message for input " + i + ": " + input);
      } catch (Throwable e) {
        throw new AssertionError("input " + i + ": " + input, e);
      }
      long nanos = System.nanoTime() - start;
      if (nanos > slowestNanos) {
        slowestNanos = nanos;
        slowest = input;
      }
    }
    System.out.printf(
        "template fuzz: %d inputs, %d parsed, %d rendered, slowest %d ms: %s%n",
        count,
        parsed,
        rendered,
        slowestNanos / 1_000_000,
        slowest.length() > 300 ? slowest.substring(0, 300) + "..." : slowest);
    // Inputs that all die in the parser would test little.
    assertTrue(
        parsed > count / 10 && rendered > count / 50,
        parsed + " parsed, " + rendered + " rendered");
  }

  private static int count() {
    String wanted =
        System.getProperty("quern.fuzz", System.getenv().getOrDefault("QUERN_TEST_FUZZ", "2000"));
    return Integer.parseInt(wanted);
  }

  private static String input(List<String> corpus, Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> soup(random, 1 + random.nextInt(40));
      case 1 -> "{{ " + soup(random, 1 + random.nextInt(12)) + " }}";
      case 2 -> nested(random);
      default -> {
        StringBuilder text = new StringBuilder(corpus.get(random.nextInt(corpus.size())));
        for (int i = random.nextInt(6); i >= 0; i--) mutate(text, corpus, random);
        yield text.toString();
      }
    };
  }

  private static String soup(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++)
      text.append(PIECES[random.nextInt(PIECES.length)]).append(random.nextInt(3) == 0 ? " " : "");
    return text.toString();
  }

  /** One construct inside itself many times, or one operator many times in a row. */
  private static String nested(Random random) {
    int depth = 1 << random.nextInt(15);
    return switch (random.nextInt(9)) {
      case 0 -> "{{ " + "(".repeat(depth) + "1" + ")".repeat(depth) + " }}";
      case 1 -> "{{ " + "[".repeat(depth) + "1" + "]".repeat(depth) + " }}";
      case 2 -> "{{ " + "not ".repeat(depth) + "1 }}";
      case 3 -> "{{ 1" + " + 1".repeat(depth) + " }}";
      case 4 -> "{{ messages" + "|list".repeat(depth) + " }}";
      case 5 -> "{% if 1 %}".repeat(depth) + "x" + "{% endif %}".repeat(depth);
      case 6 -> "{% for m in messages %}".repeat(depth) + "x" + "{% endfor %}".repeat(depth);
      case 7 -> "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}";
      default ->
          "{% set ns = namespace(x=['abc']) %}{% for i in range("
              + depth
              + ") %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == [ns.x] }}{{ ns.x }}";
    };
  }

  private static void mutate(StringBuilder text, List<String> corpus, Random random) {
    int at = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), at + random.nextInt(30));
    switch (random.nextInt(7)) {
      case 0 -> text.delete(at, to);
      case 1 -> text.insert(at, text.substring(at, to));
      case 2, 3 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
      case 4 ->
          text.replace(at, Math.min(text.length(), at + 1), PIECES[random.nextInt(PIECES.length)]);
      case 5 -> {
        String other = corpus.get(random.nextInt(corpus.size()));
        int from = random.nextInt(other.length() + 1);
        text.insert(at, other, from, Math.min(other.length(), from + random.nextInt(60)));
      }
      default -> {
        if (at < text.length()) text.setCharAt(at, (char) random.nextInt(0x250));
      }
    }
  }

  private static List<String> corpus() throws Exception {
    Set<String> templates = new LinkedHashSet<>();
    JsonNode golden = golden();
    golden.get("chats").forEach(chat -> templates.add(chat.get("template").asText()));
    List<String> corpus = new ArrayList<>(templates);
    golden.get("probes").forEach(probe -> corpus.add(probe.get("template").asText()));
    String folder = System.getenv("QUERN_TEST_CHAT_TEMPLATES");
    if (folder != null) {
      JsonNode real =
          new ObjectMapper().readTree(Files.readAllBytes(Path.of(folder, "templates.json")));
      // Often enough among the many small ones.
      for (int i = 0; i < 20; i++) real.forEach(template -> corpus.add(template.asText()));
    }
    return corpus;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> values() throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    Map<String, Object> values =
        new LinkedHashMap<>(mapper.convertValue(golden().get("values"), Map.class));
    values.putAll(mapper.convertValue(golden().get("chats").get(5).get("variables"), Map.class));
    return values;
  }

  private static JsonNode golden() throws Exception {
    try (InputStream in = ChatTemplateFuzzTest.class.getResourceAsStream("/chat-templates.json")) {
      return new ObjectMapper().readTree(in);
    }
  }
}
