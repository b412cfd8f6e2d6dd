package dev.quern.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The README's table of architectures is that of the registry and of the golden models. {@code
 * -Dquern.write-readme=true} writes it anew.
 */
class ArchitecturesTableTest {
  private static final Path README = Path.of("README.md");
  private static final String START = "<!-- architectures -->\n";
  private static final String END = "<!-- /architectures -->";

  @Test
  void theReadmeHasTheTableOfTheRegistry() throws IOException {
    String readme = Files.readString(README);
    int start = readme.indexOf(START) + START.length();
    int end = readme.indexOf(END);
    assertTrue(start >= START.length() && end >= start, "the markers around the table are gone");
    if (Boolean.getBoolean("quern.write-readme")) {
      Files.writeString(README, readme.substring(0, start) + table() + readme.substring(end));
      return;
    }
    assertEquals(table(), readme.substring(start, end), "-Dquern.write-readme=true writes it");
  }

  private static String table() throws IOException {
    Map<String, Integer> models = goldenModels();
    List<Family> families = new ArrayList<>(Families.all());
    families.sort(
        Comparator.comparing(family -> family.architectures().getFirst().toLowerCase(Locale.ROOT)));
    StringBuilder table = new StringBuilder();
    table.append("| architecture (golden models) | other names | `model_type` |\n");
    table.append("| --- | --- | --- |\n");
    for (Family family : families) {
      List<String> tested = new ArrayList<>();
      List<String> others = new ArrayList<>();
      for (String name : family.architectures()) {
        if (models.containsKey(name)) {
          tested.add("`" + name + "` (" + models.get(name) + ")");
        } else {
          others.add("`" + name + "`");
        }
      }
      table
          .append("| ")
          .append(String.join(", ", tested))
          .append(" | ")
          .append(String.join(", ", others))
          .append(" | `")
          .append(String.join("`, `", family.modelTypes()))
          .append("` |\n");
    }
    return table.toString();
  }

  /** Golden models of each architecture. */
  private static Map<String, Integer> goldenModels() throws IOException {
    Map<String, Integer> models = new TreeMap<>();
    ObjectMapper json = new ObjectMapper();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                ArchitecturesTableTest.class.getResourceAsStream("/golden/models.jsonl"),
                StandardCharsets.UTF_8))) {
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode config = json.readTree(line).get("config");
        models.merge(config.get("architectures").get(0).textValue(), 1, Integer::sum);
      }
    }
    return models;
  }
}
