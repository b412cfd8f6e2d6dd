package dev.quern.cli;

import dev.quern.batch.ExitCode;
import dev.quern.batch.MergeJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Joins the outputs of shards. */
@Command(
    name = "merge",
    description = {
      "Joins the outputs of shards, in input order, and proves that every input line has exactly",
      "one result.%n"
    },
    footer = {
      "",
      "Exit codes: 0 every line is there; 1 not; 2 results of different models or settings.",
      "Nothing is written but with 0."
    })
final class BatchMergeCommand implements Callable<Integer> {
  @Mixin CommonOptions common;

  @Option(
      names = {"-i", "--input-file"},
      paramLabel = "<path>",
      required = true,
      description = "the lines that were answered")
  String input;

  @Option(
      names = {"-o", "--output-file"},
      paramLabel = "<path>",
      required = true,
      description = "the joined file; the shards' outputs were given this name too")
  Path output;

  @Option(names = "--force", description = "join results of different models or settings")
  boolean force;

  @Parameters(
      paramLabel = "PART",
      description = "outputs to join; unset = those named OUTPUT-00000-of-00008 and so on")
  List<Path> parts = List.of();

  @Override
  public Integer call() {
    try {
      return new MergeJob(output, force, System.err).run(input, parts);
    } catch (IOException e) {
      System.err.println("quern batch merge: " + e.getMessage());
      return ExitCode.of(e);
    }
  }
}
