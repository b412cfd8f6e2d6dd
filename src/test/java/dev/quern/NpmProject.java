package dev.quern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A folder with npm packages under {@code target/}, where TypeScript's compiler holds what we write
 * to the types that others publish.
 */
public final class NpmProject {
  private static final String TYPESCRIPT = "typescript@7.0.2";

  private final Path folder;

  private NpmProject(Path folder) {
    this.folder = folder;
  }

  /** Installs packages, or skips the test where they may not be fetched. */
  public static NpmProject with(String name, String... packages) throws Exception {
    assumeTrue(
        "true".equals(System.getenv("QUERN_TEST_NPM")),
        "QUERN_TEST_NPM is not true: " + String.join(", ", packages) + " are not fetched");
    Path folder = Files.createDirectories(Path.of("target", name));
    Files.writeString(folder.resolve("package.json"), "{\"private\":true,\"type\":\"module\"}");
    if (!Files.isDirectory(folder.resolve("node_modules/typescript"))) {
      List<String> install = new ArrayList<>(List.of("npm", "install", "--no-audit", "--no-fund"));
      install.addAll(List.of(packages));
      install.add(TYPESCRIPT);
      Ended ended = run(folder, install);
      assertEquals(0, ended.exit, ended.output);
    }
    return new NpmProject(folder);
  }

  public void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  /** What the compiler says against a file; empty when it is right. */
  public String errors(String file) throws Exception {
    List<String> compile =
        List.of(
            "node_modules/.bin/tsc",
            "--noEmit",
            "--strict",
            "--skipLibCheck",
            "--target",
            "esnext",
            "--module",
            "nodenext",
            file);
    Ended ended = run(folder, compile);
    assertEquals(ended.exit == 0, ended.output.isBlank(), ended.output);
    return ended.output;
  }

  /**
   * @param output standard output and error
   */
  public record Ended(int exit, String output) {}

  /** Runs a command to its end. */
  public static Ended run(Path directory, List<String> command) throws Exception {
    Path log = Files.createTempFile("quern-command", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      if (!ended) process.destroyForcibly();
      assertTrue(ended, String.join(" ", command) + " hangs");
      return new Ended(process.exitValue(), Files.readString(log));
    } finally {
      Files.delete(log);
    }
  }
}
