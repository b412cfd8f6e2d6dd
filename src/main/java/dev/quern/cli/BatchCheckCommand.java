package dev.quern.cli;

import dev.quern.batch.CheckJob;
import dev.quern.batch.ExitCode;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Checks a batch file without running it. */
@Command(
    name = "check",
    abbreviateSynopsis = true,
    description = {
      "Reads a batch file as a job would, runs nothing: says which lines would fail and counts",
      "tokens. Of the model only its settings and tokenizer are needed.%n"
    },
    footer = {"", "Exit codes: 0 every line is good, 42 some are not."})
final class BatchCheckCommand implements SettingsCommand {
  private final SettingsOptions settings = new SettingsOptions();

  @Mixin CommonOptions common;

  @Parameters(index = "0", paramLabel = "INPUT", description = "the file; - = standard input")
  String input;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() {
    settings.set("load-format", "dummy");
    settings.set("device", "cpu");
    QuernConfig config = settings.load();
    Path scratch = Path.of(System.getProperty("java.io.tmpdir"));
    try (LoadedModel model = ModelCache.load(config, false)) {
      return new CheckJob(System.out).run(input, scratch, model, Policies.of(config));
    } catch (IOException e) {
      System.err.println("quern batch check: " + e.getMessage());
      return ExitCode.of(e);
    }
  }
}
