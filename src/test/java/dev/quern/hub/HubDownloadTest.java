package dev.quern.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.hub.HubException.Kind;
import dev.quern.hub.TestHub.Fault;
import dev.quern.hub.TestHub.Seen;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class HubDownloadTest {
  private static final String COMMIT = "a".repeat(40);
  private static final String TOKEN = "hf_test";
  private static final String NAME = "Org/Model-1";
  private static final byte[] WEIGHTS = random(1_000_003);

  @TempDir Path home;
  private TestHub hub;
  private Path cache;

  @BeforeEach
  void hub() throws IOException {
    cache = home.resolve("cache");
    hub = new TestHub(NAME);
    Map<String, byte[]> files = new TreeMap<>();
    files.put("config.json", text("{\"model_type\":\"llama\"}"));
    files.put("tokenizer.json", text("{}"));
    files.put("README.md", text("read me"));
    files.put("model.safetensors", WEIGHTS);
    files.put("pytorch_model.bin", random(1000));
    files.put("original/consolidated.safetensors", random(1000));
    hub.commits.put(COMMIT, files);
    hub.refs.put("main", COMMIT);
  }

  @AfterEach
  void close() {
    hub.close();
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] random(int bytes) {
    byte[] data = new byte[bytes];
    new Random(bytes).nextBytes(data);
    return data;
  }

  private HubOptions options(URI endpoint, boolean offline) {
    return new HubOptions(
        endpoint,
        TOKEN,
        offline,
        cache,
        Duration.ofMillis(1500),
        Duration.ofMillis(700),
        Duration.ofMillis(5),
        4,
        4,
        64 << 10);
  }

  private ModelLocator locator(HubOptions options, Map<String, String> variables) {
    return new ModelLocator(
        new Environment(variables, home, home.resolve("tmp")), options, DownloadListener.NONE);
  }

  private ModelLocator locator() {
    return locator(options(hub.endpoint(), false), Map.of());
  }

  private HubException refusal() {
    return assertThrows(HubException.class, () -> locator().locate(NAME, null));
  }

  private void assertWeights(ModelFiles files) throws IOException {
    assertArrayEquals(WEIGHTS, Files.readAllBytes(files.folder().resolve("model.safetensors")));
    assertEquals(0, hub.unused(), "faults that were not met");
    try (var blobs = Files.list(cache.resolve("models--Org--Model-1/blobs"))) {
      assertTrue(blobs.noneMatch(b -> b.toString().endsWith(".incomplete")));
    }
  }

  @Test
  void writesHuggingFacesLayoutAndThenNeedsNoNetwork() throws IOException {
    ModelFiles files = locator().locate(NAME, null);
    Path repository = cache.resolve("models--Org--Model-1");
    assertEquals(
        new ModelFiles(NAME, repository.resolve("snapshots").resolve(COMMIT), COMMIT, false),
        files);
    assertWeights(files);
    assertEquals(COMMIT, Files.readString(repository.resolve("refs/main")));
    assertEquals(
        Path.of("../../blobs").resolve(TestHub.sha256(WEIGHTS)),
        Files.readSymbolicLink(files.folder().resolve("model.safetensors")));
    assertEquals(
        Path.of("../../blobs").resolve(TestHub.gitHash(text("{}"))),
        Files.readSymbolicLink(files.folder().resolve("tokenizer.json")));
    assertTrue(Files.exists(repository.resolve(".no_exist/" + COMMIT + "/generation_config.json")));
    assertFalse(Files.exists(repository.resolve(".no_exist/" + COMMIT + "/tokenizer.json")));
    assertTrue(Files.readString(cache.resolve("CACHEDIR.TAG")).startsWith("Signature: 8a477f5"));
    assertEquals(
        java.util.Set.of("config.json", "tokenizer.json", "model.safetensors"),
        HubCache.files(files.folder()));

    hub.seen.clear();
    assertEquals(files, locator().locate(NAME, null));
    assertEquals(files, locator(options(hub.endpoint(), true), Map.of()).locate(NAME, "main"));
    assertEquals(List.of(), hub.seen);
  }

  @Test
  void givesTheTokenToTheHubAlone() {
    locator().locate(NAME, null);
    assertFalse(hub.seen.isEmpty());
    for (Seen request : hub.seen)
      if (request.cdn()) assertNull(request.authorization());
      else assertEquals("Bearer " + TOKEN, request.authorization());
    assertTrue(hub.seen.stream().anyMatch(Seen::cdn));
  }

  @Test
  void fetchesLargeFilesInRangesAndAsksTheHubForTheirAddressOnce() throws IOException {
    assertWeights(locator().locate(NAME, null));
    assertEquals(
        1,
        hub.seen(TestHub.sha256(WEIGHTS)).stream()
            .filter(s -> s.range().equals("bytes=0-65535"))
            .count());
    assertEquals(16, hub.seen(TestHub.sha256(WEIGHTS)).size());
    assertTrue(hub.seen("/resolve/" + COMMIT + "/model.safetensors").size() <= 4);
  }

  @Test
  void partsComeOneAfterTheOtherOfOneCommit() throws IOException {
    ModelFiles config = locator().locate(NAME, "main", EnumSet.of(Part.CONFIG));
    assertEquals(java.util.Set.of("config.json"), HubCache.files(config.folder()));
    String newer = "b".repeat(40);
    hub.commits.put(newer, Map.of("config.json", text("{}"), "model.safetensors", random(5)));
    hub.refs.put("main", newer);
    ModelFiles all = locator().locate(NAME, config.commit());
    assertEquals(config.folder(), all.folder());
    assertWeights(all);
    ModelFiles pulled = locator().pull(NAME, null);
    assertEquals(newer, pulled.commit());
    assertEquals(newer, locator().locate(NAME, null, EnumSet.of(Part.WEIGHTS)).commit());
  }

  @Test
  void keepsTheOlderRevisionWhenTheNewerFails() throws IOException {
    ModelFiles older = locator().locate(NAME, null);
    String newer = "b".repeat(40);
    Map<String, byte[]> files = new HashMap<>(hub.commits.get(COMMIT));
    files.put("model.safetensors", random(200_000));
    hub.commits.put(newer, files);
    hub.refs.put("main", newer);
    hub.plan(TestHub.sha256(random(200_000)), Fault.status(404));
    assertEquals(Kind.DROPPED, kindOfPullWithOneTry());
    assertEquals(older, locator().locate(NAME, null));
  }

  private Kind kindOfPullWithOneTry() {
    HubOptions o = options(hub.endpoint(), false);
    HubOptions once =
        new HubOptions(
            o.endpoint(),
            TOKEN,
            false,
            cache,
            o.headTimeout(),
            o.idleTimeout(),
            o.firstPause(),
            1,
            1,
            64 << 10);
    return assertThrows(HubException.class, () -> locator(once, Map.of()).pull(NAME, null)).kind();
  }

  @Test
  void theIndexChoosesTheShards() throws IOException {
    Map<String, byte[]> files = hub.commits.get(COMMIT);
    files.put(
        "model.safetensors.index.json",
        text("{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}"));
    files.put("m-1.safetensors", random(10));
    files.put("m-2.safetensors", random(20));
    files.put("m-old.safetensors", random(30));
    ModelFiles model = locator().locate(NAME, null);
    assertEquals(
        java.util.Set.of(
            "config.json",
            "tokenizer.json",
            "model.safetensors.index.json",
            "m-1.safetensors",
            "m-2.safetensors"),
        HubCache.files(model.folder()));
    Files.delete(model.folder().resolve("m-2.safetensors"));
    assertEquals(model, locator().locate(NAME, null), "a missing shard is fetched again");
    files.remove("m-2.safetensors");
    Files.delete(model.folder().resolve("m-2.safetensors"));
    HubException refusal = refusal();
    assertEquals(Kind.FILE_NOT_FOUND, refusal.kind());
    assertTrue(refusal.getMessage().contains("has no file m-2.safetensors, which model.safetens"));
  }

  @Test
  void getsThroughEveryPassingFault() throws IOException {
    String large = TestHub.sha256(WEIGHTS);
    hub.plan("/api/models/", Fault.status(503), Fault.status(429, "Retry-After", "1"));
    hub.plan("config.json", Fault.status(500), new Fault.Drop(3), new Fault.Stall(3));
    hub.plan(large, new Fault.Drop(1000), new Fault.Stall(5000), Fault.status(502));
    hub.plan(large, new Fault.Drop(65_000), new Fault.Drop(0), Fault.status(403));
    hub.relativeRedirect = true;
    assertWeights(locator().locate(NAME, null));
  }

  @Test
  void goesOnWithoutRangesWhereTheServerHasNone() throws IOException {
    for (int i = 0; i < 40; i++) hub.plan(TestHub.sha256(WEIGHTS), new Fault.NoRanges());
    ModelFiles files = locator().locate(NAME, null);
    assertArrayEquals(WEIGHTS, Files.readAllBytes(files.folder().resolve("model.safetensors")));
  }

  @Test
  void goesOnFromAnIncompleteFile() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--Org--Model-1/blobs"));
    Path incomplete = blobs.resolve(TestHub.sha256(WEIGHTS) + ".incomplete");
    Files.write(incomplete, Arrays.copyOf(WEIGHTS, 600_000));
    assertWeights(locator().locate(NAME, null));
    for (Seen request : hub.seen(TestHub.sha256(WEIGHTS)))
      assertTrue(Integer.parseInt(request.range().split("[=-]")[1]) >= 600_000, request.range());
  }

  @Test
  void startsOverFromAnIncompleteFileWithOtherBytes() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--Org--Model-1/blobs"));
    Path incomplete = blobs.resolve(TestHub.sha256(WEIGHTS) + ".incomplete");
    Files.write(incomplete, new byte[600_000]);
    assertWeights(locator().locate(NAME, null));
    Files.delete(blobs.resolve(TestHub.sha256(WEIGHTS)));
    Files.write(incomplete, new byte[2_000_000]);
    assertWeights(locator().locate(NAME, null));
  }

  @Test
  void fetchesAgainWhatCameBrokenOnceAndGivesUpOnTheSecondTime() throws IOException {
    hub.plan(TestHub.sha256(WEIGHTS), new Fault.Corrupt());
    hub.plan("config.json", new Fault.Corrupt());
    ModelFiles files = locator().locate(NAME, null);
    assertWeights(files);

    assertTrue(locator().remove(NAME));
    hub.plan("config.json", new Fault.Corrupt(), new Fault.Corrupt());
    HubException refusal = refusal();
    assertEquals(Kind.CHECKSUM, refusal.kind());
    assertTrue(refusal.getMessage().contains("config.json came twice with other bytes"));
    assertFalse(
        Files.exists(files.folder().resolve("config.json")), "nothing wrong becomes visible");
  }

  @Test
  void refusesAnotherSizeRangeOrHashThanAnnounced() {
    hub.plan("config.json", new Fault.Header("ETag", "\"0\""));
    assertEquals(Kind.CHECKSUM, refusal().kind());
    hub.plan(TestHub.sha256(WEIGHTS), new Fault.Header("Content-Range", "bytes 0-1/2"));
    HubException refusal = refusal();
    assertEquals(Kind.CHECKSUM, refusal.kind());
    assertTrue(refusal.getMessage().contains("sends bytes 0-1/2"), refusal.getMessage());
    hub.plan("resolve/" + COMMIT + "/model.safe", new Fault.Header("X-Linked-Etag", "\"f00\""));
    assertEquals(Kind.CHECKSUM, refusal().kind());
  }

  @Test
  void asksForHashesThatTheListingLacks() throws IOException {
    hub.hashesInListing = false;
    ModelFiles files = locator().locate(NAME, null);
    assertWeights(files);
    assertEquals(
        Path.of("../../blobs").resolve(TestHub.sha256(WEIGHTS)),
        Files.readSymbolicLink(files.folder().resolve("model.safetensors")));
    assertEquals(3, hub.seen.stream().filter(s -> s.method().equals("HEAD")).count());
  }

  /** Each fault meets the listing and is met by every try. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          404 | X-Error-Code | RepoNotFound | NOT_FOUND | is not on http
          401 | X-Error-Code | RepoNotFound | NOT_FOUND | is private and the token has no access
          403 | X-Error-Code | GatedRepo | GATED | is gated: accept its terms at http
          401 | X-Error-Code | GatedRepo | GATED | use a token of the account that did
          404 | X-Error-Code | RevisionNotFound | REVISION_NOT_FOUND | has no revision 'main'
          401 | X-Error-Message | Invalid credentials | BAD_TOKEN | refuses the access token
          403 | X-Error-Message | token lacks scope | FORBIDDEN | forbids access to Org/Model-1 (revision main): token lacks scope
          400 | X | y | UNEXPECTED | answers 400
          500 | X | y | SERVER | answers 500
          504 | X | y | SERVER | The hub has a problem
          429 | X | y | RATE_LIMITED | too many requests
          302 | Location | ftp://elsewhere/ | UNEXPECTED | redirects to 'ftp://elsewhere/'
          """)
  void eachAnswerHasItsOwnError(int status, String header, String value, Kind kind, String says) {
    for (int i = 0; i < 4; i++) hub.plan("/api/models/", Fault.status(status, header, value));
    HubException refusal = refusal();
    assertEquals(kind, refusal.kind(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(says), refusal.getMessage());
    assertFalse(refusal.getMessage().contains(TOKEN));
    assertEquals(kind.retryable() ? 4 : 1, hub.seen("/api/models/").size(), "tries");
  }

  @Test
  void namesWrongTokensMissingFilesAndSilence() {
    hub.requiredToken = "another";
    assertEquals(Kind.BAD_TOKEN, refusal().kind());
    hub.requiredToken = null;
    assertEquals(
        Kind.REVISION_NOT_FOUND,
        assertThrows(HubException.class, () -> locator().locate(NAME, "v9")).kind());
    assertEquals(
        Kind.NOT_FOUND,
        assertThrows(HubException.class, () -> locator().locate("Org/Other", null)).kind());
    hub.plan("config.json", Fault.status(404, "X-Error-Code", "EntryNotFound"));
    HubException missing = refusal();
    assertEquals(Kind.FILE_NOT_FOUND, missing.kind());
    assertTrue(missing.getMessage().contains("(revision main) has no file config.json on http"));
    for (int i = 0; i < 4; i++) hub.plan("config.json", new Fault.Stall(0));
    HubException silent = refusal();
    assertEquals(Kind.TIMEOUT, silent.kind(), silent.getMessage());
    hub.commits.get(COMMIT).remove("config.json");
    assertTrue(refusal().getMessage().contains("has no config.json, so it is not a model"));
  }

  @Test
  void namesTheNetwork() {
    URI dead = hub.endpoint();
    hub.close();
    HubException refusal =
        assertThrows(
            HubException.class, () -> locator(options(dead, false), Map.of()).locate(NAME, null));
    assertEquals(Kind.NO_NETWORK, refusal.kind());
    assertTrue(refusal.getMessage().contains("Looked at:\n  built-in models: "));
    assertTrue(refusal.getMessage().contains("the hub: cannot reach 127.0.0.1:"));
    HubException offline =
        assertThrows(
            HubException.class, () -> locator(options(dead, true), Map.of()).locate(NAME, null));
    assertEquals(Kind.OFFLINE, offline.kind());
    assertTrue(offline.getMessage().contains("not asked, as HF_HUB_OFFLINE"));
  }

  @Test
  void saysThatTheDiskIsTooSmallBeforeItIsFull() {
    HubErrors.disk(new Subject(new RepoId(NAME), "main", null), new IOException("x"));
    for (String reason : new String[] {"No space left on device", "Disk quota exceeded"})
      assertEquals(
          Kind.DISK_FULL,
          HubErrors.disk(new Subject(new RepoId(NAME), "main", null), new IOException(reason))
              .kind());
    hub.hashesInListing = false;
    hub.plan(
        "resolve/" + COMMIT + "/model.safe",
        new Fault.Header("X-Linked-Size", "" + (Long.MAX_VALUE >> 8)));
    HubException refusal = refusal();
    assertEquals(Kind.DISK_FULL, refusal.kind(), refusal.getMessage());
  }

  @Test
  void refusesPathsThatLeaveTheSnapshot() {
    hub.commits.get(COMMIT).put("../../../evil.jinja", text("x"));
    HubException refusal = refusal();
    assertEquals(Kind.UNEXPECTED, refusal.kind());
    assertTrue(refusal.getMessage().contains("a file named '../../../evil.jinja'"));
  }

  @Test
  void manyAtOnceDownloadOnce() throws Exception {
    hub.pauseMillisPerPiece = 1;
    try (var threads = Executors.newFixedThreadPool(3)) {
      Callable<ModelFiles> locate = () -> locator().locate(NAME, null);
      for (var done : threads.invokeAll(List.of(locate, locate, locate))) assertWeights(done.get());
    }
    assertEquals(16, hub.seen(TestHub.sha256(WEIGHTS)).size());
    assertEquals(1, hub.seen("resolve/" + COMMIT + "/config.json").size());
  }

  @Test
  void goesThroughAProxy() throws IOException {
    URI unknown = URI.create("http://hub.invalid");
    hub.commits.get(COMMIT).remove("model.safetensors");
    hub.commits.get(COMMIT).remove("pytorch_model.bin");
    Map<String, String> variables = Map.of("http_proxy", "127.0.0.1:" + hub.port());
    ModelFiles files =
        locator(options(unknown, false), variables)
            .locate(NAME, null, EnumSet.of(Part.CONFIG, Part.TOKENIZER));
    assertEquals("{}", Files.readString(files.folder().resolve("tokenizer.json")));
  }

  @Test
  void listsAndRemovesCachedModels() {
    assertEquals(List.of(), locator().cached());
    ModelFiles files = locator().locate(NAME, null);
    long bytes = WEIGHTS.length + 22 + 2 + COMMIT.length();
    assertEquals(List.of(new CachedModel(NAME, COMMIT, files.folder(), bytes)), locator().cached());
    assertTrue(locator().remove(NAME));
    assertFalse(locator().remove(NAME));
    assertEquals(List.of(), locator().cached());
  }
}
