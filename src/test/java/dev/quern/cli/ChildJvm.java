package dev.quern.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process with this JVM, this class path and little memory. */
public final class ChildJvm {
  private ChildJvm() {}

  public static ProcessBuilder of(String mainClass, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            mainClass));
    command.addAll(List.of(args));
    return new ProcessBuilder(command);
  }
}
