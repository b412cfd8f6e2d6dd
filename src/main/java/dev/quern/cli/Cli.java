package dev.quern.cli;

import dev.quern.settings.Nearest;
import dev.quern.settings.SettingsException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. Results go to standard output, everything else to standard error. */
public final class Cli {
  private static final int HELP_COLUMNS = 100;

  private Cli() {}

  /**
   * Runs one command.
   *
   * @return the exit code: 0 done, 1 failed, 2 wrong usage; the commands add their own
   */
  public static int run(String... args) {
    String[] normal;
    try {
      normal = FlagSyntax.normalise(args);
    } catch (SettingsException e) {
      System.err.println("quern: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    return commandLine(List.of(normal)).execute(normal);
  }

  /**
   * All commands; only those named in the arguments get their settings' options, which are many.
   */
  static CommandLine commandLine(List<String> args) {
    var top = new CommandLine(new Quern());
    add(top, new ServeCommand(), args);
    CommandLine batch = add(top, new BatchCommand(), args);
    add(batch, new BatchCheckCommand(), args);
    batch.addSubcommand(new BatchMergeCommand());
    var bench = new CommandLine(new BenchCommand());
    add(bench, new BenchLatencyCommand(), args);
    add(bench, new BenchThroughputCommand(), args);
    add(bench, new BenchLoadCommand(), args);
    add(bench, new BenchKernelsCommand(), args);
    top.addSubcommand(bench);
    add(top, new CheckCommand(), args);
    add(top, new ModelsCommand(), args);
    add(top, new PullCommand(), args);
    add(top, new RmCommand(), args);
    top.addSubcommand(new TrainAotCommand());
    return top.setUsageHelpWidth(HELP_COLUMNS)
        .setUsageHelpLongOptionsMaxWidth(36)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOverwrittenOptionsAllowed(true)
        .setParameterExceptionHandler(Cli::wrongUsage)
        .setExecutionExceptionHandler(Cli::failed);
  }

  private static CommandLine add(CommandLine top, SettingsCommand command, List<String> args) {
    var sub = new CommandLine(command);
    if (args.contains(sub.getCommandName())
        || List.of(sub.getCommandSpec().aliases()).stream().anyMatch(args::contains)) {
      command.settings().addTo(sub.getCommandSpec());
    }
    top.addSubcommand(sub);
    return sub;
  }

  private static int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String message = e.getMessage();
    if (e instanceof UnmatchedArgumentException unmatched) {
      message = unmatched(command, unmatched.getUnmatched().getFirst());
    }
    command.getErr().println(name(command) + ": " + message);
    command.getErr().println("Try '" + name(command) + " --help'.");
    return CommandLine.ExitCode.USAGE;
  }

  private static String unmatched(CommandLine command, String argument) {
    boolean flag = argument.startsWith("-");
    var candidates = new ArrayList<String>();
    if (flag) {
      for (OptionSpec option : command.getCommandSpec().options()) {
        if (!option.hidden() || option.longestName().startsWith("--no-")) {
          candidates.add(option.longestName());
        }
      }
    } else {
      candidates.addAll(command.getSubcommands().keySet());
    }
    int equals = argument.indexOf('=');
    String given = flag && equals > 0 ? argument.substring(0, equals) : argument;
    String nearest = Nearest.to(given, candidates);
    String what =
        flag
            ? "unknown flag "
            : command.getParent() == null ? "unknown command " : "one argument too many: ";
    return what + given + (nearest == null ? "" : "; did you mean " + nearest + "?");
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    err.println(name(command) + ": " + message);
    if (parsed.hasMatchedOption("--verbose") || System.getenv("QUERN_DEBUG") != null) {
      e.printStackTrace(err);
    } else if (e instanceof RuntimeException
        && !(e instanceof SettingsException)
        && e.getMessage() == null) {
      err.println("(--verbose shows where)");
    }
    return e instanceof SettingsException
        ? CommandLine.ExitCode.USAGE
        : CommandLine.ExitCode.SOFTWARE;
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName();
  }

  /** {@code quern} itself. */
  @Command(
      name = "quern",
      synopsisSubcommandLabel = "COMMAND",
      versionProvider = VersionLine.class,
      commandListHeading = "%nCommands:%n",
      description = "Runs Hugging Face language models, as a server and over files.%n",
      footer = {
        "",
        "Examples:",
        "  quern batch jobs/hello.jsonl            the built-in model answers a file",
        "  quern serve /models/SmolLM2-135M        an OpenAI server at http://localhost:8000/v1",
        "  quern COMMAND --help                    what a command takes",
        "",
        "A flag --max-model-len is also QUERN_MAX_MODEL_LEN in the environment and",
        "quern.max-model-len in quern.properties."
      })
  static final class Quern implements Runnable {
    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "print this help")
    boolean help;

    @Option(
        names = {"-V", "--version"},
        versionHelp = true,
        description = "print the version")
    boolean version;

    @Override
    public void run() {
      throw new ParameterException(
          spec.commandLine(), "which command? serve, batch, bench, check, models, pull or rm");
    }
  }
}
