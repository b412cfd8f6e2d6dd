package dev.quern.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.settings.FlagSpec;
import dev.quern.settings.Flags;
import dev.quern.settings.SettingsException;
import dev.quern.settings.VllmFlag;
import dev.quern.settings.VllmFlags;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CliTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Cli.commandLine(List.of(args))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  /** The command after its flags are parsed; nothing is run. */
  private static SettingsOptions parsed(String... args) {
    String[] normal = FlagSyntax.normalise(args);
    CommandLine top = Cli.commandLine(List.of(normal));
    CommandLine.ParseResult result = top.parseArgs(normal).subcommand();
    return ((SettingsCommand) result.commandSpec().userObject()).settings();
  }

  @Test
  void helpGoesToStandardOutputAndListsEveryFlag() {
    assertEquals(0, run("serve", "--help"));
    for (FlagSpec flag : Flags.all()) {
      assertTrue(out.toString().contains("--" + flag.name()), flag.name());
    }
    assertEquals("", err.toString());
  }

  @Test
  void helpLeavesOutWhatACommandDoesNotUse() {
    assertEquals(0, run("batch", "--help"));
    assertTrue(!out.toString().contains("--api-key"));
    // It is taken all the same: vLLM's command for files has it.
    assertEquals("k", parsed("batch", "in", "--api-key", "k").get("api-key"));
  }

  @Test
  void unknownFlagsAndCommandsNameTheNearest() {
    assertEquals(2, run("serve", "--max-model-length", "5"));
    assertTrue(
        err.toString()
            .startsWith(
                "quern serve: unknown flag --max-model-length; did you mean --max-model-len?"));
    err.getBuffer().setLength(0);
    assertEquals(2, run("sevre"));
    assertTrue(err.toString().startsWith("quern: unknown command sevre; did you mean serve?"));
    assertEquals("", out.toString());
  }

  @Test
  void everyFlagIsTakenInBothSpellings() {
    for (FlagSpec flag : Flags.all()) {
      String value =
          switch (flag.kind()) {
            case SWITCH -> null;
            case TEXT, LIST -> flag.oneOf().isEmpty() ? "word" : flag.oneOf().getFirst();
            case JSON -> "{\"a\": [1, 2]}";
            case INT, LONG -> "7";
            case DECIMAL -> "0.5";
          };
      String underscored = "--" + flag.name().replace('-', '_');
      if (value == null) {
        assertEquals("true", parsed("serve", underscored).get(flag.name()));
        assertEquals("false", parsed("serve", "--no-" + flag.name()).get(flag.name()));
        assertEquals("false", parsed("serve", underscored + "=False").get(flag.name()));
      } else {
        assertEquals(value, parsed("serve", underscored, value).get(flag.name()));
        assertEquals(value, parsed("serve", underscored + "=" + value).get(flag.name()));
      }
    }
  }

  @Test
  void everyVllmFlagIsTakenWithItsValues() {
    for (VllmFlag flag : VllmFlags.all()) {
      SettingsOptions settings =
          switch (flag.values()) {
            case NONE -> parsed("serve", "m", "--" + flag.name());
            case ONE -> parsed("serve", "m", "--" + flag.name(), "x");
            case SEVERAL -> parsed("serve", "m", "--" + flag.name(), "x", "y");
          };
      assertTrue(settings.get(flag.name()) != null, flag.name());
    }
  }

  @Test
  void shortAndDottedFormsOfVllm() {
    assertArrayEquals(
        new String[] {"serve", "--tensor-parallel-size", "2", "--optimization-level=3"},
        FlagSyntax.normalise("serve", "-tp", "2", "-O3"));
    assertArrayEquals(
        new String[] {"--compilation-config={}", "--compilation-config={}"},
        FlagSyntax.normalise("-cc.mode=3", "--compilation_config.mode=3"));
    assertArrayEquals(
        new String[] {"batch", "-i", "a_b", "-o", "-", "--", "--x_y"},
        FlagSyntax.normalise("batch", "-i", "a_b", "-o", "-", "--", "--x_y"));
  }

  @Test
  void valuesThatLookLikeFlagsAndLists() {
    assertEquals("-1", parsed("serve", "--max-model-len", "-1").get("max-model-len"));
    assertEquals(
        "a,b\\,c", parsed("serve", "--served-model-name", "a", "b,c").get("served-model-name"));
    assertEquals("2", parsed("serve", "--port", "1", "--port", "2").get("port"));
    assertEquals(
        "true",
        parsed("serve", "--no-enable-prefix-caching", "--enable-prefix-caching")
            .get("enable-prefix-caching"));
    assertThrows(SettingsException.class, () -> parsed("serve", "--enable-prefix-caching=maybe"));
  }
}
