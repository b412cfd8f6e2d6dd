package dev.quern.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.NpmProject;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The npm package {@code openai}, unchanged; needs node, npm and the npm registry. */
@QuarkusTest
class NpmClientTest {
  @Test
  void everythingItCalls() throws Exception {
    NpmProject npm = NpmProject.with("npm-client", List.of("openai@7.57.0"));
    npm.write("openai.mjs", Files.readString(Path.of("src/test/resources/clients/openai.mjs")));
    NpmProject.Ended ended =
        npm.run(
            List.of(
                "node",
                "openai.mjs",
                Client.uri("/v1").toString(),
                TestServer.KEY,
                TestServer.MODEL));
    assertEquals(0, ended.exit(), ended.output());
    assertTrue(ended.output().strip().endsWith("ok"), ended.output());
  }
}
