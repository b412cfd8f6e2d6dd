package dev.quern.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What we write is read by Python's huggingface_hub, and its locks hold us. */
@Timeout(120)
class HuggingFaceInteropTest {
  private static final String COMMIT = "c".repeat(40);
  private static final String NAME = "Org/Model-1";

  @TempDir Path home;
  private TestHub hub;
  private Path cache;
  private String python;

  @BeforeEach
  void hub() throws IOException {
    python = System.getenv("QUERN_TEST_PYTHON");
    assumeTrue(
        python != null, "QUERN_TEST_PYTHON does not name a Python with huggingface_hub installed");
    cache = home.resolve("cache");
    hub = new TestHub(NAME);
    hub.commits.put(
        COMMIT,
        Map.of(
            "config.json", "{\"model_type\":\"llama\"}".getBytes(),
            "tokenizer.json", "{}".getBytes(),
            "additional_chat_templates/rag.jinja", "x".getBytes(),
            "model.safetensors", HubDownloadTest.random(300_000)));
    hub.refs.put("main", COMMIT);
  }

  @AfterEach
  void close() {
    if (hub != null) hub.close();
  }

  private ModelFiles locate(DownloadListener listener) {
    HubOptions options =
        new HubOptions(
            hub.endpoint(),
            null,
            false,
            cache,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofMillis(5),
            4,
            4,
            64 << 10);
    Environment environment = new Environment(Map.of(), home, home);
    return new ModelLocator(environment, options, listener).locate(NAME, null);
  }

  private Process script(String... arguments) throws IOException {
    var command = new java.util.ArrayList<>(List.of(python, "src/test/python/hub_cache_check.py"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  void huggingFaceReadsWhatWeWrote() throws Exception {
    ModelFiles files = locate(DownloadListener.NONE);
    Process process = script(cache.toString(), NAME);
    JsonNode seen = new ObjectMapper().readTree(process.getInputStream());
    assertEquals(0, process.waitFor());
    assertEquals(files.folder().toString(), seen.get("snapshot").asText());
    assertEquals("{\"model_type\":\"llama\"}", seen.get("config").asText());
    assertTrue(seen.get("absent").asBoolean(), "generation_config.json is known to be absent");
    assertEquals(0, seen.get("warnings").size(), seen.toString());
    assertEquals(NAME, seen.get("repo").asText());
    assertEquals(COMMIT, seen.get("commit").asText());
    assertEquals("main", seen.get("refs").get(0).asText());
    assertEquals(
        "[\"config.json\",\"model.safetensors\",\"rag.jinja\",\"tokenizer.json\"]",
        seen.get("files").toString());
    assertEquals(300_000 + 22 + 2 + 1, seen.get("bytes").asLong());
  }

  @Test
  void itsLockHoldsUs() throws Exception {
    Path lock =
        new HubCache(cache)
            .lock(RepoId.parse(NAME), TestHub.sha256(HubDownloadTest.random(300_000)));
    Files.createDirectories(lock.getParent());
    Process holder = script("lock", lock.toString());
    try (BufferedReader out = holder.inputReader()) {
      assertEquals("locked", out.readLine());
      CountDownLatch noted = new CountDownLatch(1);
      DownloadListener listener =
          new DownloadListener() {
            @Override
            public void note(String text) {
              if (text.contains("waiting for another process")) noted.countDown();
            }
          };
      CompletableFuture<ModelFiles> done = CompletableFuture.supplyAsync(() -> locate(listener));
      assertTrue(noted.await(60, TimeUnit.SECONDS));
      assertFalse(done.isDone());
      holder.getOutputStream().close();
      assertEquals(COMMIT, done.get(60, TimeUnit.SECONDS).commit());
    } finally {
      holder.destroyForcibly();
    }
  }
}
