package dev.quern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/**
 * A table of results in Markdown that runs add a row to, each with its command, machine and date.
 */
public final class MarkdownTable {
  private static final List<String> HEAD =
      List.of("command", "result", "of the limit", "limits in that run", "machine", "date");

  /**
   * A result.
   *
   * @param result such as {@code 33,827 output tokens/s, 7.17 ms a decode step}
   * @param ofLimit the limit over it, 0…1
   * @param limits what the machine did at most
   */
  public record Row(String result, double ofLimit, String limits, String machine) {}

  private MarkdownTable() {}

  /**
   * Adds a row to the file, and the table's head before it where the file is new.
   *
   * @param arguments those of the command, after {@code quern}
   */
  public static void append(Path file, List<String> arguments, Row row) throws IOException {
    StringBuilder text = new StringBuilder();
    if (!Files.exists(file)) {
      text.append(line(HEAD)).append(line(HEAD.stream().map(name -> "---").toList()));
    }
    text.append(
        line(
            List.of(
                "`quern " + String.join(" ", arguments) + "`",
                row.result,
                String.format(Locale.ROOT, "%.3f", row.ofLimit),
                row.limits,
                row.machine,
                LocalDate.now(ZoneOffset.UTC).toString())));
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
