package dev.quern.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that want the same model at once: every byte is fetched by one of them, once. */
@Timeout(120)
class TwoProcessesTest {
  private static final String COMMIT = "d".repeat(40);
  private static final byte[] WEIGHTS = HubDownloadTest.random(1_000_000);

  @TempDir Path home;

  @Test
  void downloadOnce() throws Exception {
    Path cache = home.resolve("cache");
    try (TestHub hub = new TestHub(KilledDownloadTest.NAME)) {
      hub.commits.put(
          COMMIT,
          Map.of(
              "config.json", "{}".getBytes(),
              "tokenizer.json", "{ }".getBytes(),
              "model.safetensors", WEIGHTS));
      hub.refs.put("main", COMMIT);
      hub.pauseMillisPerPiece = 20;
      Process one = KilledDownloadTest.start(hub, cache);
      Process two = KilledDownloadTest.start(hub, cache);
      assertEquals(0, one.waitFor());
      assertEquals(0, two.waitFor());
      assertEquals(2, hub.seen("/api/models/").size(), "both asked what there is");
      var ranges = new TreeSet<String>();
      for (TestHub.Seen seen : hub.seen(TestHub.sha256(WEIGHTS))) ranges.add(seen.range());
      assertEquals(ranges.size(), hub.seen(TestHub.sha256(WEIGHTS)).size(), "no range twice");
      assertEquals(1, hub.seen("resolve/" + COMMIT + "/config.json").size());
      assertEquals(1, hub.seen("resolve/" + COMMIT + "/tokenizer.json").size());
      Path folder = cache.resolve("models--o--m/snapshots").resolve(COMMIT);
      assertArrayEquals(WEIGHTS, Files.readAllBytes(folder.resolve("model.safetensors")));
    }
  }
}
