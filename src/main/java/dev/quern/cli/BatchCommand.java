package dev.quern.cli;

import dev.quern.batch.BatchJob;
import dev.quern.batch.BatchOptions;
import dev.quern.batch.ExitCode;
import dev.quern.batch.store.Shard;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a JSONL file of prompts through a model. */
@Command(
    name = "batch",
    aliases = "run-batch",
    abbreviateSynopsis = true,
    description = {
      "Answers each line of a JSONL file with one result line.%n",
      "Lines are OpenAI batch lines (custom_id, url, body), or plain {\"prompt\": ...} and",
      "{\"messages\": ...} with any sampling field.%n"
    },
    footer = {
      "",
      "The same command goes on where a killed one was. Exit codes: 0 every line succeeded; do not",
      "run again: 42 bad input (or failed lines), 2 wrong usage; run again: 1 model or files, 3"
          + " the",
      "engine failed, 75 the deadline, 143 a signal."
    })
final class BatchCommand implements SettingsCommand {
  private final SettingsOptions settings = new SettingsOptions("Server");

  @Spec CommandSpec spec;
  @Mixin CommonOptions common;

  @Parameters(index = "0", arity = "0..1", paramLabel = "INPUT", description = "as --input-file")
  String firstArgument;

  @Parameters(index = "1", arity = "0..1", paramLabel = "OUTPUT", description = "as --output-file")
  String secondArgument;

  @Option(
      names = {"-i", "--input-file"},
      paramLabel = "<path>",
      description = "lines to answer; - = standard input")
  String inputFile;

  @Option(
      names = {"-o", "--output-file"},
      paramLabel = "<path>",
      description = {
        "where result lines go; - = standard output; unset = standard output, as text where that"
            + " is a terminal"
      })
  String outputFile;

  @Option(names = "--ordered", description = "results in input order, not as they are finished")
  boolean ordered;

  @Option(names = "--overwrite", description = "empty an output file that holds something")
  boolean overwrite;

  @Option(names = "--retry-failed", description = "run lines again that failed")
  boolean retryFailed;

  @Option(
      names = "--force",
      description = "go on with an output that was made with another model or input")
  boolean force;

  @Option(
      names = "--shard",
      paramLabel = "<i/n>",
      description = {
        "answer the i-th of n shares of the lines, counted from 0, into OUTPUT-0000i-of-0000n;"
            + " unset = what Kubernetes (JOB_COMPLETION_INDEX) or Cloud Run say"
      })
  String shard;

  @Option(
      names = "--deadline",
      paramLabel = "<time>",
      description = "begin no more lines after this long, such as 50m, and end")
  String deadline;

  @Option(
      names = "--output-tmp-dir",
      paramLabel = "<path>",
      description = "where files are kept that come from or go to an http(s) address")
  Path outputTmpDir;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() {
    String input = inputFile != null ? inputFile : firstArgument;
    String output = inputFile != null ? firstArgument : secondArgument;
    if (inputFile != null && secondArgument != null || outputFile != null && output != null)
      throw new ParameterException(spec.commandLine(), "input or output is given twice");
    if (input == null)
      throw new ParameterException(
          spec.commandLine(), "which file holds the lines? (- is standard input)");
    if (outputFile != null) output = outputFile;
    QuernConfig config = settings.load();
    BatchOptions options = options();
    try (BatchJob job = BatchJob.open(input, output, options);
        LoadedModel model = ModelCache.load(config, false)) {
      return job.run(model, Policies.of(config));
    } catch (IOException e) {
      System.err.println("quern batch: " + e.getMessage());
      return ExitCode.of(e);
    }
  }

  private BatchOptions options() {
    try {
      BatchOptions options =
          BatchOptions.DEFAULT
              .ordered(ordered)
              .with(new BatchOptions.Again(overwrite, retryFailed, force))
              .with(shard == null ? Shard.of(System.getenv()) : Shard.parse(shard))
              .deadline(deadline == null ? null : Durations.parse(deadline));
      return outputTmpDir == null ? options : options.scratch(outputTmpDir);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
