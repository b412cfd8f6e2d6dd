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
 * A folder of npm packages under {@code target/}: real files that others publish, and their types,
 * to which TypeScript's compiler holds what we write.
 */
public final class NpmProject {
  private static final String TYPESCRIPT = "typescript@7.0.2";

  private final Path folder;

  private NpmProject(Path folder) {
    this.folder = folder;
  }

  /**
   * Installs packages, or skips the test where they may not be fetched.
   *
   * @param packages as {@code name@version}
   */
  public static NpmProject with(String name, List<String> packages) throws Exception {
    assumeTrue(
        "true".equals(System.getenv("QUERN_TEST_NPM")),
        "QUERN_TEST_NPM is not true: " + String.join(", ", packages) + " are not fetched");
    NpmProject project = new NpmProject(Files.createDirectories(Path.of("target", name)));
    project.write("package.json", "{\"private\":true,\"type\":\"module\"}");
    boolean missing = false;
    for (String one : packages)
      missing |= !Files.isDirectory(project.installed(one.substring(0, one.lastIndexOf('@'))));
    if (missing) {
      List<String> install = new ArrayList<>(List.of("npm", "install", "--no-audit", "--no-fund"));
      install.addAll(List.of("--no-save", "--ignore-scripts"));
      install.addAll(packages);
      Ended ended = project.run(install);
      assertEquals(0, ended.exit, ended.output);
    }
    return project;
  }

  /** With the compiler, for {@link #errors}. */
  public static NpmProject withTypes(String name, String typed) throws Exception {
    return with(name, List.of(typed, TYPESCRIPT));
  }

  /** The folder of a package. */
  public Path installed(String name) {
    return folder.resolve("node_modules").resolve(name);
  }

  /** Runs a command in the folder. */
  public Ended run(List<String> command) throws Exception {
    return run(folder, command);
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
    Ended ended = run(compile);
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
