package dev.quern.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The npm package {@code openai}, unchanged; needs node, npm and the npm registry. */
@QuarkusTest
class NpmClientTest {
  private static final String SWITCH = "QUERN_TEST_NPM";
  private static final String PACKAGE = "openai@7.57.0";

  @Test
  void everythingItCalls() throws Exception {
    boolean wanted = "true".equals(System.getenv(SWITCH));
    if (!wanted)
      System.out.println("NpmClientTest skipped: set " + SWITCH + "=true to install " + PACKAGE);
    assumeTrue(wanted, SWITCH + " is not true");
    Path folder = Files.createDirectories(Path.of("target/npm"));
    Files.writeString(folder.resolve("package.json"), "{\"private\":true}");
    Files.copy(
        Path.of("src/test/resources/clients/openai.mjs"),
        folder.resolve("openai.mjs"),
        StandardCopyOption.REPLACE_EXISTING);
    if (!Files.isDirectory(folder.resolve("node_modules/openai")))
      run(folder, "npm", "install", "--no-audit", "--no-fund", PACKAGE);
    String output =
        run(
            folder,
            "node",
            "openai.mjs",
            Client.uri("/v1").toString(),
            TestServer.KEY,
            TestServer.MODEL);
    assertTrue(output.strip().endsWith("ok"), output);
  }

  private static String run(Path folder, String... command)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("quern-npm", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(3, TimeUnit.MINUTES);
    if (!ended) process.destroyForcibly();
    String output = Files.readString(log);
    assertTrue(ended, String.join(" ", command) + " hangs: " + output);
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}
