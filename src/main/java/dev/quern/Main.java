package dev.quern;

import dev.quern.cli.Cli;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The program: its arguments go to the command line, which starts Quarkus only to serve. */
@QuarkusMain
public final class Main {
  private Main() {}

  public static void main(String... args) {
    int code = Cli.run(args);
    System.out.flush();
    System.err.flush();
    // Not System.exit: it asks for a logger first, which costs a tenth of a second here. Commands
    // close what they open.
    Runtime.getRuntime().halt(code);
  }
}
