package dev.quern.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.hub.TestHub;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code quern pull}, {@code models} and {@code rm} as processes of their own, on a test hub. */
@Timeout(180)
class HubCommandsTest {
  private static final String NAME = "Org/Model-1";
  private static final String COMMIT = "a".repeat(40);
  private static final String OLDER = "b".repeat(40);
  private static final String LLAMA =
      """
      {"architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 32,
       "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 16,
       "max_position_embeddings": 64, "tie_word_embeddings": true}\
      """;

  @TempDir Path home;
  private TestHub hub;
  private Path cache;

  /** What a process printed and how it ended. */
  private record Result(int code, String out, String err) {}

  @BeforeEach
  void hub() throws IOException {
    cache = home.resolve("cache");
    hub = new TestHub(NAME);
    hub.commits.put(COMMIT, files(LLAMA, 5000));
    hub.commits.put(OLDER, files(LLAMA, 3000));
    hub.refs.put("main", COMMIT);
    hub.refs.put("v1", OLDER);
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private static Map<String, byte[]> files(String config, int weightBytes) {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("config.json", config.getBytes(StandardCharsets.UTF_8));
    files.put("tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8));
    files.put("model.safetensors", new byte[weightBytes]);
    return files;
  }

  private Result quern(String... args) throws Exception {
    return quern(Map.of(), args);
  }

  private Result quern(Map<String, String> variables, String... args) throws Exception {
    ProcessBuilder builder = ChildJvm.of("dev.quern.Main", args);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("HF_") || name.startsWith("QUERN_"));
    environment.put("HF_ENDPOINT", hub.endpoint().toString());
    environment.put("HF_HUB_CACHE", cache.toString());
    environment.put("HF_HOME", home.toString());
    environment.putAll(variables);
    Process process = builder.start();
    var err = new ByteArrayOutputStream();
    Thread reader = Thread.ofVirtual().start(() -> copy(process, err));
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    reader.join();
    return new Result(process.waitFor(), out, err.toString(StandardCharsets.UTF_8));
  }

  private static void copy(Process process, ByteArrayOutputStream to) {
    try {
      process.getErrorStream().transferTo(to);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void pullsListsAndRemoves() throws Exception {
    Result pulled = quern("pull", NAME);
    assertEquals(0, pulled.code(), pulled.err());
    Path snapshot = cache.resolve("models--Org--Model-1/snapshots").resolve(COMMIT);
    assertEquals(snapshot + "\n", pulled.out());
    assertTrue(pulled.err().contains("Org/Model-1: 1 file [####"), pulled.err());
    assertTrue(
        pulled.err().contains("Org/Model-1 is here: LlamaForCausalLM, commit " + COMMIT),
        pulled.err());
    assertArrayEquals(new byte[5000], Files.readAllBytes(snapshot.resolve("model.safetensors")));

    Result listed = quern("models");
    assertEquals(0, listed.code(), listed.err());
    assertTrue(listed.out().startsWith("quern/tales-5m"), listed.out());
    String line = listed.out().lines().filter(l -> l.startsWith(NAME)).findFirst().orElseThrow();
    assertTrue(
        line.matches(
            "Org/Model-1 +5\\.3 kB  aaaaaaaaaaaa  runs: LlamaForCausalLM, .*64 tokens, .*"),
        line);

    Result other = quern("rm", "Org/Model-2", "quern/tales-5m");
    assertEquals(1, other.code());
    assertEquals(
        "quern rm: Org/Model-2 is not in the cache "
            + cache
            + "; did you mean Org/Model-1?\n"
            + "quern rm: quern/tales-5m is built in and cannot be removed\n",
        other.err());
    Result removed = quern("rm", NAME);
    assertEquals(0, removed.code(), removed.err());
    assertEquals("removed Org/Model-1 (5.3 kB)\n", removed.out());
    assertFalse(Files.exists(snapshot));
    assertEquals(1, quern("rm", NAME).code(), "it is gone");
    assertEquals(2, quern("rm").code(), "no name");
  }

  @Test
  void pullsARevision() throws Exception {
    Result pulled = quern("pull", NAME, "--revision", "v1");
    assertEquals(0, pulled.code(), pulled.err());
    Path snapshot = Path.of(pulled.out().strip());
    assertEquals(OLDER, snapshot.getFileName().toString());
    assertEquals(3000, Files.size(snapshot.resolve("model.safetensors")));
    Result none = quern("pull", NAME, "--revision", "v9");
    assertEquals(1, none.code());
    assertTrue(none.err().contains("Org/Model-1 has no revision 'v9' on http"), none.err());
    assertEquals("", none.out());
    assertEquals(2, quern("pull").code(), "no name");
    assertEquals(2, quern("pull", NAME, "--revison", "v1").code(), "no such flag");
  }

  @Test
  void fetchesNoWeightsOfWhatCannotRun() throws Exception {
    hub.commits.put(COMMIT, files(LLAMA.replace("Llama", "Mambo"), 5000));
    Result pulled = quern("pull", NAME);
    assertEquals(1, pulled.code());
    assertTrue(
        pulled.err().contains("the architecture MamboForCausalLM is not supported"), pulled.err());
    assertEquals(0, hub.seen("model.safetensors").size());
    String line = quern("models").out().lines().filter(l -> l.startsWith(NAME)).findFirst().get();
    assertTrue(line.contains("no: ") && line.contains("MamboForCausalLM"), line);
  }

  @Test
  void offlineFetchesNothing() throws Exception {
    for (String variable : new String[] {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
      Result pulled = quern(Map.of(variable, "1"), "pull", NAME);
      assertEquals(1, pulled.code());
      assertTrue(pulled.err().contains("'Org/Model-1' cannot be fetched, as HF_HUB_OFFLINE or"));
    }
    assertEquals(0, hub.seen.size());
  }
}
