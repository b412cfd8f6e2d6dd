package dev.quern.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed again and again in the middle of a download ends with the right bytes,
 * and fetches little twice. {@code QUERN_TEST_KILLS} sets how often; 4 times by default.
 */
@Timeout(300)
class KilledDownloadTest {
  private static final String COMMIT = "d".repeat(40);
  static final String NAME = "o/m";
  private static final int CHUNK_BYTES = 32 << 10;
  private static final byte[] WEIGHTS = HubDownloadTest.random(3_000_000);

  @TempDir Path home;

  /** The process: endpoint and cache are its arguments. */
  public static final class Download {
    public static void main(String[] args) {
      HubOptions options =
          new HubOptions(
              java.net.URI.create(args[0]),
              null,
              false,
              Path.of(args[1]),
              Duration.ofSeconds(10),
              Duration.ofSeconds(10),
              Duration.ofMillis(5),
              4,
              4,
              CHUNK_BYTES);
      Environment environment = new Environment(Map.of(), Path.of(args[1]), Path.of(args[1]));
      new ModelLocator(environment, options, DownloadListener.NONE).locate(NAME, null);
    }
  }

  static Process start(TestHub hub, Path cache) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Download.class.getName(),
            hub.endpoint().toString(),
            cache.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void endsWithTheRightBytes() throws Exception {
    int kills = Integer.parseInt(System.getenv().getOrDefault("QUERN_TEST_KILLS", "4"));
    Random random = new Random(1);
    Path cache = home.resolve("cache");
    try (TestHub hub = new TestHub(NAME)) {
      hub.commits.put(
          COMMIT,
          Map.of(
              "config.json", "{}".getBytes(),
              "tokenizer.json", "{}".getBytes(),
              "model.safetensors", WEIGHTS));
      hub.refs.put("main", COMMIT);
      Path incomplete =
          new HubCache(cache).blob(RepoId.parse(NAME), TestHub.sha256(WEIGHTS) + ".incomplete");
      long kept = 0;
      hub.pauseMillisPerPiece = 4;
      for (int kill = 0; kill < kills; kill++) {
        int before = hub.seen.size();
        Process process = start(hub, cache);
        while (hub.seen.size() < before + 3 && process.isAlive()) Thread.sleep(5);
        process.waitFor(random.nextInt(2500 / kills + 20), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        if (!Files.exists(incomplete)) continue;
        long size = Files.size(incomplete);
        assertTrue(size >= kept, "what was there is kept: " + kept + " then " + size);
        assertArrayEquals(
            java.util.Arrays.copyOf(WEIGHTS, (int) size),
            Files.readAllBytes(incomplete),
            "a beginning of the file at any moment");
        kept = size;
      }
      hub.pauseMillisPerPiece = 0;
      assertEquals(0, start(hub, cache).waitFor());
      Path folder = cache.resolve("models--o--m/snapshots").resolve(COMMIT);
      assertArrayEquals(WEIGHTS, Files.readAllBytes(folder.resolve("model.safetensors")));
      System.out.printf(
          "%d kills: %d bytes were kept at the last, %d requests of %d bytes for %d%n",
          kills, kept, hub.seen(TestHub.sha256(WEIGHTS)).size(), CHUNK_BYTES, WEIGHTS.length);
      assertTrue(kills == 0 || kept > 0, "some kill was in the middle");
    }
  }
}
