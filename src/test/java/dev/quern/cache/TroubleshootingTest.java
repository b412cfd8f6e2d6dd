package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.hub.TestHub;
import dev.quern.hub.TestHub.Fault;
import dev.quern.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's table of what can go wrong between a name and its files holds the messages as they
 * are, with the hub's address and folders as a user has them.
 */
@Timeout(120)
class TroubleshootingTest {
  private static final String NAME = "Qwen/Qwen2-7B";
  private static final String COMMIT = "a".repeat(40);
  private static final Path FORMATS = Path.of("src/test/resources/checkpoint/formats");

  @TempDir Path home;
  private TestHub hub;

  /** A way to fail, by what is changed before the model is loaded. */
  private record Failure(String title, Consumer<Run> change) {}

  /** What a load is started with. */
  private record Run(TestHub hub, Map<String, String> flags, Map<String, String> variables) {}

  private static final List<Failure> FAILURES =
      List.of(
          new Failure("offline", run -> run.variables().put("HF_HUB_OFFLINE", "1")),
          new Failure("no such name", run -> run.flags().put("model", "Qwen/Qwen2-7")),
          new Failure(
              "no such name, with a token",
              run -> {
                run.flags().put("model", "Qwen/Qwen2-7");
                run.variables().put("HF_TOKEN", "hf_mine");
              }),
          new Failure(
              "wrong token",
              run -> {
                run.hub().requiredToken = "hf_right";
                run.variables().put("HF_TOKEN", "hf_wrong");
              }),
          new Failure("wrong revision", run -> run.flags().put("revision", "v9")),
          new Failure("gated", run -> gated(run.hub())),
          new Failure(
              "gated, with a token",
              run -> {
                gated(run.hub());
                run.variables().put("HF_TOKEN", "hf_mine");
              }),
          new Failure("no network", run -> run.hub().close()),
          new Failure("no config", run -> run.hub().commits.get(COMMIT).remove("config.json")),
          new Failure(
              "no weights", run -> run.hub().commits.get(COMMIT).remove("model.safetensors")),
          new Failure(
              "wrong bytes",
              run -> run.hub().plan("config.json", new Fault.Corrupt(), new Fault.Corrupt())));

  private static void gated(TestHub hub) {
    hub.plan("/api/models/", Fault.status(403, "X-Error-Code", "GatedRepo"));
  }

  @BeforeEach
  void hub() throws IOException {
    hub = new TestHub(NAME);
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : new String[] {"config.json", "model.safetensors"})
      files.put(name, Files.readAllBytes(FORMATS.resolve("safetensors").resolve(name)));
    hub.commits.put(COMMIT, files);
    hub.refs.put("main", COMMIT);
  }

  @AfterEach
  void close() {
    hub.close();
  }

  @TestFactory
  List<DynamicTest> theReadmeHoldsEveryMessage() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    List<DynamicTest> tests = new ArrayList<>();
    for (Failure failure : FAILURES)
      tests.add(
          DynamicTest.dynamicTest(
              failure.title(),
              () -> {
                hub.close();
                hub();
                String row = "| " + failure.title() + " | " + message(failure) + " |\n";
                assertTrue(readme.contains(row), "the README lacks this row:\n" + row);
              }));
    return tests;
  }

  @Test
  void theReadmeHasNoOtherRow() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String head = "| what | message |\n| --- | --- |\n";
    String table = readme.substring(readme.indexOf(head) + head.length());
    table = table.substring(0, table.indexOf("\n\n") + 1);
    assertEquals(FAILURES.size(), table.lines().count());
  }

  /** As a user of the hub sees it. */
  private String message(Failure failure) {
    Run run = new Run(hub, new HashMap<>(), new HashMap<>());
    run.flags().put("model", NAME);
    run.flags().put("device", "cpu");
    run.flags().put("skip-tokenizer-init", "true");
    run.variables().put("HF_ENDPOINT", hub.endpoint().toString());
    Path cache = home.resolve(failure.title());
    run.variables().put("HF_HOME", cache.toString());
    String authority = hub.endpoint().getAuthority();
    failure.change().accept(run);
    String message =
        assertThrows(
                LoadException.class,
                () -> ModelCache.load(Settings.load(run.flags()), false, run.variables()).close())
            .getMessage();
    return message
        .replace("http://" + authority, "https://huggingface.co")
        .replace(authority, "huggingface.co")
        .replace(cache.toString(), "~/.cache/huggingface")
        .replace(Path.of("").toAbsolutePath().toString(), "/here")
        .replaceAll("[0-9a-f]{40}", "HASH")
        .replaceAll("\n *", "<br>");
  }
}
