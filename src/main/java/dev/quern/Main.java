package dev.quern;

import dev.quern.cli.Cli;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The program: its arguments go to the command line, which starts Quarkus only to serve. */
@QuarkusMain
public final class Main {
  private Main() {}

  public static void main(String... args) {
    System.exit(Cli.run(args));
  }
}
