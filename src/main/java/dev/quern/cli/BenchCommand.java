package dev.quern.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The measurements; each is a command of its own. */
@Command(
    name = "bench",
    synopsisSubcommandLabel = "latency|throughput|load|kernels",
    description = "Measures a model on this machine, beside what the machine allows.%n")
final class BenchCommand implements Runnable {
  @Spec CommandSpec spec;
  @Mixin CommonOptions common;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which one? latency, throughput, load or kernels");
  }
}
