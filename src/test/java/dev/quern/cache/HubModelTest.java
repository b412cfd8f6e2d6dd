package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.hub.ModelLocator;
import dev.quern.hub.TestHub;
import dev.quern.hub.TestHub.Seen;
import dev.quern.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From a name on a hub to a running model: which files are asked for, and with which settings. */
@Timeout(120)
class HubModelTest {
  private static final String NAME = "Org/Model-1";
  private static final String COMMIT = "a".repeat(40);
  private static final String OTHER = "b".repeat(40);
  private static final Path FORMATS = Path.of("src/test/resources/checkpoint/formats");

  @TempDir Path home;
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, String> flags = new HashMap<>();
  private final Map<String, byte[]> files = new TreeMap<>();
  private TestHub hub;

  @BeforeEach
  void hub() throws IOException {
    hub = new TestHub(NAME);
    hub.commits.put(COMMIT, files);
    hub.refs.put("main", COMMIT);
    variables.put("HF_ENDPOINT", hub.endpoint().toString());
    variables.put("HF_HOME", home.toString());
    flags.put("model", NAME);
    flags.put("device", "cpu");
    flags.put("skip-tokenizer-init", "true");
    put("config.json", FORMATS.resolve("safetensors/config.json"));
    put("model.safetensors", FORMATS.resolve("safetensors/model.safetensors"));
    put("tokenizer.json", tales().resolve("tokenizer.json"));
    text("training_args.bin", "no weights");
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private void put(String name, Path file) throws IOException {
    files.put(name, Files.readAllBytes(file));
  }

  private void text(String name, String text) {
    files.put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Path tales() {
    return ModelLocator.of(Map.of()).locate("quern/tales-5m", null).folder();
  }

  private LoadedModel load() {
    return ModelCache.load(Settings.load(flags), false, variables);
  }

  private String refusal() {
    return assertThrows(LoadException.class, () -> load().close()).getMessage();
  }

  /** Names of the files that were asked for. */
  private List<String> asked() {
    var names = new TreeSet<String>();
    for (Seen seen : hub.seen("/resolve/"))
      names.add(seen.path().substring(seen.path().indexOf("/resolve/") + 50));
    return List.copyOf(names);
  }

  @Test
  void aRunFetchesWhatItReads() {
    load().close();
    assertEquals(List.of("config.json", "model.safetensors"), asked());
    hub.seen.clear();
    load().close();
    assertEquals(List.of(), hub.seen);
  }

  @Test
  void dummyWeightsNeedTheConfigAlone() {
    flags.put("load-format", "dummy");
    load().close();
    assertEquals(List.of("config.json"), asked());
  }

  @Test
  void aModelIsCompleteOnceItsWeightsAndItsTokenizerAreHere() {
    ModelFinder finder = ModelFinder.of(Settings.load(flags), variables);
    assertFalse(finder.isComplete(finder.look(NAME)));
    load().close();
    assertFalse(finder.isComplete(finder.look(NAME)));
    FoundModel pulled = finder.pull(NAME);
    assertTrue(finder.isComplete(pulled));
    assertEquals(pulled.files(), finder.look(NAME).files());
  }

  @Test
  void mistralsOwnFormatComesInsteadOfTheOther() throws IOException {
    put("params.json", FORMATS.resolve("mistral/params.json"));
    put("consolidated.safetensors", FORMATS.resolve("mistral/consolidated.safetensors"));
    load().close();
    assertEquals(List.of("config.json", "consolidated.safetensors", "params.json"), asked());
    hub.seen.clear();
    flags.put("load-format", "hf");
    flags.put("config-format", "hf");
    load().close();
    assertEquals(List.of("model.safetensors"), asked());
    hub.seen.clear();
    load().close();
    assertEquals(List.of(), hub.seen);
  }

  @Test
  void paramsAloneAreEnoughAndWhatTheyCannotSayIsRefusedBeforeWeights() throws IOException {
    files.keySet().retainAll(List.of("tokenizer.json"));
    put("consolidated.safetensors", FORMATS.resolve("mistral/consolidated.safetensors"));
    put("params.json", FORMATS.resolve("mistral/params.json"));
    load().close();
    assertEquals(List.of("consolidated.safetensors", "params.json"), asked());
    ModelLocator.of(variables).remove(NAME);
    hub.seen.clear();
    text("params.json", "{\"dim\": 8, \"moe\": {\"num_experts\": 8}}");
    assertTrue(refusal().contains("the model has a mixture of experts"), refusal());
    assertEquals(List.of("params.json"), asked());
  }

  @Test
  void formatsThatAreNotThereAreNamedAndNothingElseIsFetched() throws IOException {
    files.remove("model.safetensors");
    text("model.gguf", "x");
    text("original/consolidated.00.pth", "x");
    assertTrue(
        refusal()
            .contains(
                "has no weights that can be read here: no *.safetensors, *.bin, *.pt at its root;"
                    + " it has model.gguf, original/consolidated.00.pth, training_args.bin"),
        refusal());
    assertEquals(List.of("config.json"), asked());
    put("model.safetensors", FORMATS.resolve("safetensors/model.safetensors"));
    flags.put("load-format", "npcache");
    assertTrue(refusal().contains("no *.bin at its root; it has model.gguf, model.safetensors"));
  }

  @Test
  void whatCannotRunIsRefusedByItsConfig() {
    text(
        "config.json", "{\"architectures\": [\"MamboForCausalLM\"], \"auto_map\": {\"a\": \"b\"}}");
    long start = System.nanoTime();
    String unknown = refusal();
    System.out.printf(
        "unknown architecture: refused %.3f s after the start, download of config.json included%n",
        (System.nanoTime() - start) / 1e9);
    assertTrue(unknown.contains("the architecture MamboForCausalLM is not supported. Code"));
    assertTrue(unknown.contains("(auto_map) is never run here; in vLLM --trust-remote-code would"));
    assertTrue(unknown.contains(" Nearest: "), unknown);
    assertEquals(List.of("config.json"), asked());
    ModelLocator.of(variables).remove(NAME);
    text("config.json", "{\"quantization_config\": {\"quant_method\": \"awq\"}}");
    assertTrue(refusal().contains("quantised by awq"), refusal());
    assertEquals(List.of("config.json"), asked());
  }

  private String token() {
    String token = null;
    for (Seen seen : hub.seen) if (!seen.cdn()) token = "" + seen.authorization();
    hub.seen.clear();
    ModelLocator.of(variables).remove(NAME);
    return token;
  }

  @Test
  void theTokenComesFromTheFlagElseTheEnvironmentElseAFile() throws IOException {
    load().close();
    assertEquals("null", token());
    Files.writeString(home.resolve("token"), "hf_file");
    load().close();
    assertEquals("Bearer hf_file", token());
    variables.put("HF_TOKEN_PATH", Files.writeString(home.resolve("t"), "hf_path\n").toString());
    load().close();
    assertEquals("Bearer hf_path", token());
    variables.put("HF_TOKEN", "hf_variable");
    load().close();
    assertEquals("Bearer hf_variable", token());
    variables.put("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
    load().close();
    assertEquals("null", token());
    flags.put("hf-token", "hf_flag");
    load().close();
    assertEquals("Bearer hf_flag", token());
  }

  @Test
  void offlineAsksNothing() {
    for (String variable : new String[] {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
      variables.put(variable, "1");
      assertTrue(refusal().contains("the hub: not asked, as HF_HUB_OFFLINE or"), refusal());
      assertEquals(List.of(), hub.seen);
      variables.remove(variable);
    }
    load().close();
    hub.seen.clear();
    variables.put("TRANSFORMERS_OFFLINE", "1");
    load().close();
    assertEquals(List.of(), hub.seen);
  }

  @Test
  void theDownloadDirIsTheCache() {
    Path folder = home.resolve("elsewhere");
    flags.put("download-dir", folder.toString());
    load().close();
    assertTrue(Files.isDirectory(folder.resolve("models--Org--Model-1/snapshots").resolve(COMMIT)));
    assertTrue(!Files.exists(home.resolve("hub")));
  }

  @Test
  void theConfigMayBeAnotherRepositorys() throws IOException {
    text("config.json", "{\"architectures\": [\"MamboForCausalLM\"]}");
    hub.otherRepositories.add("Org/Config");
    hub.refs.put("main", OTHER);
    hub.commits.put(
        OTHER,
        Map.of("config.json", Files.readAllBytes(FORMATS.resolve("safetensors/config.json"))));
    flags.put("revision", COMMIT);
    flags.put("hf-config-path", "Org/Config");
    load().close();
    assertEquals(1, hub.seen("/Org/Config/resolve/" + OTHER + "/config.json").size());
    assertEquals(0, hub.seen("/Org/Model-1/resolve/" + OTHER).size());
  }

  @Test
  void theTokenizerMayBeAnotherRepositorysOrRevisions() throws IOException {
    hub.otherRepositories.add("Org/Words");
    hub.refs.put("words", OTHER);
    Map<String, byte[]> words = new TreeMap<>();
    for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      Path file = tales().resolve(name);
      if (Files.exists(file)) words.put(name, Files.readAllBytes(file));
    }
    hub.commits.put(OTHER, words);
    put("config.json", tales().resolve("config.json"));
    flags.put("load-format", "dummy");
    flags.remove("skip-tokenizer-init");
    flags.put("tokenizer", "Org/Words");
    flags.put("tokenizer-revision", "words");
    try (LoadedModel model = load()) {
      assertNotNull(model.served().tokenizer());
    }
    assertEquals(1, hub.seen("/Org/Words/resolve/" + OTHER + "/tokenizer.json").size());
    assertEquals(0, hub.seen("/Org/Model-1/resolve/" + COMMIT + "/tokenizer.json").size());
    flags.remove("tokenizer");
    load().close();
    assertEquals(1, hub.seen("/Org/Model-1/resolve/" + OTHER + "/tokenizer.json").size());
    assertEquals(0, hub.seen("/Org/Model-1/resolve/" + COMMIT + "/tokenizer.json").size());
  }
}
