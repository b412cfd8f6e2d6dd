package dev.quern.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelLocatorTest {
  private static final Set<Part> CONFIG = EnumSet.of(Part.CONFIG);
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir Path home;
  private Path cache;

  @BeforeEach
  void caches() {
    cache = home.resolve("hub-cache");
  }

  private ModelLocator locator(Map<String, String> variables) {
    Map<String, String> offline = new HashMap<>(variables);
    offline.put("HF_HUB_OFFLINE", "1");
    Environment environment = new Environment(offline, home, home.resolve("tmp"));
    return new ModelLocator(environment, HubOptions.of(environment, null), DownloadListener.NONE);
  }

  private ModelLocator locator() {
    return locator(Map.of("HF_HUB_CACHE", cache.toString()));
  }

  private String refusal(String name, String revision) {
    return assertThrows(HubException.class, () -> locator().locate(name, revision)).getMessage();
  }

  /** The layout of a repository with one branch. */
  private static Path repository(Path cache, String folder, String branch) throws IOException {
    Path repository = cache.resolve(folder);
    Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(COMMIT));
    Path blob = Files.createDirectories(repository.resolve("blobs")).resolve("abc");
    Files.writeString(blob, "{}");
    Files.createSymbolicLink(snapshot.resolve("config.json"), Path.of("../../blobs/abc"));
    Path ref = repository.resolve("refs").resolve(branch);
    Files.createDirectories(ref.getParent());
    Files.writeString(ref, COMMIT);
    return snapshot;
  }

  @Test
  void findsABuiltInModelWithoutACache() {
    ModelFiles files = locator().locate("quern/tales-5m", null);
    assertTrue(files.builtIn());
    assertTrue(Files.isRegularFile(files.folder().resolve("model.safetensors")));
    assertTrue(ModelLocator.builtIn().contains("quern/tales-5m"));
  }

  @Test
  void findsALocalFolder() throws IOException {
    Path folder = Files.createDirectories(home.resolve("models/mine"));
    Files.writeString(folder.resolve("config.json"), "{}");
    assertEquals(
        new ModelFiles(folder.toString(), folder, null, false),
        locator().locate(folder.toString(), "ignored"));
    assertEquals(folder, locator().locate("~/models/mine", null).folder());
  }

  @Test
  void saysWhatALocalPathLacks() throws IOException {
    Path folder = Files.createDirectories(home.resolve("empty"));
    assertEquals(
        folder + " is not a model: it holds no config.json", refusal(folder.toString(), null));
    Path file = Files.createFile(folder.resolve("model.gguf"));
    assertTrue(refusal(file.toString(), null).startsWith(file + " is a file; a model is a folder"));
  }

  @Test
  void resolvesBranchesAndCommitsOfTheCache() throws IOException {
    Path snapshot = repository(cache, "models--Org--Name-1.5", "main");
    assertEquals(
        new ModelFiles("Org/Name-1.5", snapshot, COMMIT, false),
        locator().locate("Org/Name-1.5", null, CONFIG));
    assertEquals(snapshot, locator().locate("Org/Name-1.5", "main", CONFIG).folder());
    assertEquals(snapshot, locator().locate("Org/Name-1.5", COMMIT, CONFIG).folder());
    assertTrue(
        refusal("Org/Name-1.5", "v2").contains("models--Org--Name-1.5 has no revision 'v2'"));
    repository(cache, "models--gpt2", "refs/pr/7");
    assertEquals(COMMIT, locator().locate("gpt2", "refs/pr/7", CONFIG).commit());
  }

  @Test
  void findsTheCacheByEveryVariable() throws IOException {
    Path hub = home.resolve("a/hub");
    repository(hub, "models--o--m", "main");
    List<Map<String, String>> settings =
        List.of(
            Map.of("HF_HUB_CACHE", "~/a/hub", "HF_HOME", "/nowhere"),
            Map.of("HUGGINGFACE_HUB_CACHE", hub.toString(), "HF_HOME", "/nowhere"),
            Map.of("HF_HOME", home.resolve("a").toString(), "XDG_CACHE_HOME", "/nowhere"),
            Map.of("HF_HOME", "$BASE/a", "BASE", home.toString()),
            Map.of("HF_HOME", "${BASE}/a", "BASE", home.toString(), "HF_HUB_CACHE", " "));
    for (var variables : settings)
      assertEquals(
          COMMIT, locator(variables).locate("o/m", null, CONFIG).commit(), variables.toString());
    repository(home.resolve("x/huggingface/hub"), "models--o--xdg", "main");
    var xdg = Map.of("XDG_CACHE_HOME", home.resolve("x").toString());
    assertEquals(COMMIT, locator(xdg).locate("o/xdg", null, CONFIG).commit());
    repository(home.resolve(".cache/huggingface/hub"), "models--o--home", "main");
    assertEquals(COMMIT, locator(Map.of()).locate("o/home", null, CONFIG).commit());
  }

  @Test
  void listsEveryPlaceItLookedAt() throws IOException {
    String text = refusal("Org/Absent", null);
    assertTrue(text.startsWith("model 'Org/Absent' was not found. Looked at:\n"), text);
    assertTrue(text.contains("built-in models: quern/tales-5m"), text);
    assertTrue(text.contains("local folder: " + Path.of("Org/Absent").toAbsolutePath()), text);
    assertTrue(
        text.contains("Hugging Face cache: " + cache + " does not exist\n  the hub: not asked"),
        text);
    Files.createDirectories(cache);
    text = refusal("Org/Absent", null);
    assertTrue(text.contains(cache.resolve("models--Org--Absent") + " does not exist"), text);
    assertTrue(refusal("a/b/c", null).contains("not a repository of the hub either: it has more"));
  }

  @Test
  void refusesABrokenCache() throws IOException {
    Path snapshot = repository(cache, "models--o--m", "main");
    Files.delete(snapshot.resolve("config.json"));
    assertTrue(refusal("o/m", null).contains(snapshot + " is incomplete: it has no config.json"));
    Files.writeString(cache.resolve("models--o--m/refs/main"), "../../../etc");
    assertTrue(refusal("o/m", null).contains("does not hold a commit hash"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../x", "a//b", "/a", "a/", "a/../../b", "a b", "a\\b", "a\nb"})
  void refusesRevisionsThatLeadElsewhere(String revision) {
    assertTrue(refusal("o/m", revision).contains("is not a branch, tag or commit hash"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"foo", "foo/bar", "123", "Foo-BAR_foo.bar123", "_x/_y", "a"})
  void acceptsRepositoryIds(String id) {
    assertNull(RepoId.problem(id));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "datasets/foo/bar",
        ".repo",
        "foo--bar",
        "foo.git",
        "a..b",
        "-a",
        "a-",
        "a.",
        "/a",
        "a/",
        "",
        "é",
        "a b",
        "a:b"
      })
  void refusesOtherIds(String id) {
    assertTrue(RepoId.problem(id) != null);
  }

  @Test
  void limitsTheLengthOfIds() {
    assertNull(RepoId.problem("o".repeat(96) + "/" + "a".repeat(96)));
    assertTrue(RepoId.problem("a".repeat(97)) != null);
  }

  /** Python with huggingface_hub fills the cache; we read it. */
  @Test
  void readsACacheWrittenByHuggingFace() throws Exception {
    String python = System.getenv("QUERN_TEST_PYTHON");
    assumeTrue(
        python != null, "QUERN_TEST_PYTHON does not name a Python with huggingface_hub installed");
    Process process =
        new ProcessBuilder(python, "src/test/python/hub_cache_fixture.py", cache.toString())
            .inheritIO()
            .start();
    assertEquals(0, process.waitFor());
    ModelFiles main = locator().locate("owner/tiny", null, CONFIG);
    assertEquals("1".repeat(40), main.commit());
    assertEquals(
        "{\"model_type\": \"llama\"}", Files.readString(main.folder().resolve("config.json")));
    assertEquals("extra", Files.readString(main.folder().resolve("sub/extra.txt")));
    ModelFiles request = locator().locate("owner/tiny", "refs/pr/1", CONFIG);
    assertEquals("2".repeat(40), request.commit());
    assertEquals(request.folder(), locator().locate("owner/tiny", "2".repeat(40), CONFIG).folder());
  }
}
