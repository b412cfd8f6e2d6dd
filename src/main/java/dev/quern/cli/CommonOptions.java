package dev.quern.cli;

import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "print this help")
  boolean help;

  @Option(names = "--verbose", description = "print the stack trace of an error")
  boolean verbose;
}
