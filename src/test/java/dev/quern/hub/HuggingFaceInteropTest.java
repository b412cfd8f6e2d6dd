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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
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

  @BeforeEach
  void hub() throws IOException {
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
    return python("src/test/python/hub_cache_check.py", arguments);
  }

  private static Process python(String script, String... arguments) throws IOException {
    String python = System.getenv("QUERN_TEST_PYTHON");
    assumeTrue(
        python != null, "QUERN_TEST_PYTHON does not name a Python with huggingface_hub installed");
    var command = new java.util.ArrayList<>(List.of(python, script));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  void huggingFaceReadsWhatWeWrote() throws Exception {
    ModelFiles files = locate(DownloadListener.NONE);
    Process process = script(cache.toString(), NAME);
    JsonNode seen = new ObjectMapper().readTree(process.getInputStream().readAllBytes());
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

  /** As {@code hub_cache_tree.py} prints it. */
  private static List<String> tree(Path cache) throws IOException {
    List<String> lines = new ArrayList<>();
    try (var paths = Files.walk(cache)) {
      for (Path path : (Iterable<Path>) paths.sorted()::iterator) {
        String name = cache.relativize(path).toString();
        if (Files.isSymbolicLink(path)) lines.add(name + " link " + Files.readSymbolicLink(path));
        else if (Files.isRegularFile(path)) {
          byte[] bytes = Files.readAllBytes(path);
          byte[] head = Arrays.copyOf(bytes, Math.min(8, bytes.length));
          lines.add((name + " file " + HexFormat.of().formatHex(head)).strip());
        }
      }
    }
    return kept(lines);
  }

  /**
   * We note every file that loaders look for as absent, the script one of them; locks are empty.
   */
  private static List<String> kept(List<String> lines) {
    return lines.stream()
        .map(String::strip)
        .filter(
            line ->
                !line.startsWith(".locks/")
                    && !line.contains("/trees/")
                    && (!line.contains("/.no_exist/") || line.contains("generation_config.json")))
        .sorted()
        .toList();
  }

  /** The recorded tree is the one that huggingface_hub 1.33.0 made of the same repository. */
  @Test
  void weWriteTheTreeThatHuggingFaceWrites() throws Exception {
    locate(DownloadListener.NONE);
    Path golden = Path.of("src/test/resources/hub/cache_tree.txt");
    assertEquals(String.join("\n", Files.readAllLines(golden)), String.join("\n", tree(cache)));
  }

  @Test
  void huggingFaceStillWritesTheRecordedTree() throws Exception {
    Path theirs = home.resolve("theirs");
    Process process =
        python(
            "src/test/python/hub_cache_tree.py",
            hub.endpoint().toString(),
            theirs.toString(),
            NAME);
    List<String> lines = kept(process.inputReader().lines().toList());
    assertEquals(0, process.waitFor());
    Path golden = Path.of("src/test/resources/hub/cache_tree.txt");
    assertEquals(String.join("\n", Files.readAllLines(golden)), String.join("\n", lines));
    int before = hub.seen.size();
    ModelLocator offline =
        ModelLocator.of(
            Map.of("HF_HUB_CACHE", theirs.toString(), "HF_HUB_OFFLINE", "1"),
            null,
            DownloadListener.NONE);
    assertEquals(COMMIT, offline.locate(NAME, null).commit());
    assertEquals(before, hub.seen.size(), "what huggingface_hub wrote needs no network");
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
