package dev.quern.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubSettingsTest {
  @TempDir Path home;

  private Environment environment(String... pairs) {
    var variables = new java.util.HashMap<String, String>();
    for (int i = 0; i < pairs.length; i += 2) variables.put(pairs[i], pairs[i + 1]);
    return new Environment(variables, home, home);
  }

  private String token(String given, String... pairs) {
    return HubToken.find(environment(pairs), given);
  }

  @Test
  void findsTheTokenInItsOrder() throws IOException {
    assertNull(token(null));
    Path file = home.resolve(".cache/huggingface/token");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "hf_file\n");
    assertEquals("hf_file", token(null));
    assertEquals("hf_legacy", token(null, "HUGGING_FACE_HUB_TOKEN", "hf_legacy"));
    assertEquals(
        "hf_env", token(null, "HF_TOKEN", " hf_env\n", "HUGGING_FACE_HUB_TOKEN", "hf_legacy"));
    assertEquals("hf_given", token("hf_given", "HF_TOKEN", "hf_env"));
    assertNull(token(null, "HF_TOKEN", "hf_env", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"));
    assertEquals("hf_given", token("hf_given", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "true"));
    Files.writeString(home.resolve("elsewhere"), "hf_path");
    assertEquals("hf_path", token(null, "HF_TOKEN_PATH", "~/elsewhere"));
    assertNull(token(null, "HF_HOME", "~/nowhere"));
  }

  @Test
  void refusesATokenThatWouldBreakAHeaderWithoutShowingIt() {
    var refusal = assertThrows(HubException.class, () -> token("secret\r\nHost: x"));
    assertEquals(HubException.Kind.BAD_TOKEN, refusal.kind());
    assertTrue(!refusal.getMessage().contains("secret"));
  }

  @Test
  void readsHuggingFacesVariables() {
    HubOptions plain = HubOptions.of(environment(), null);
    assertEquals(URI.create("https://huggingface.co"), plain.endpoint());
    assertEquals(false, plain.offline());
    assertEquals(Duration.ofSeconds(10), plain.idleTimeout());
    HubOptions set =
        HubOptions.of(
            environment(
                "HF_ENDPOINT", "https://mirror.example/hf/",
                "TRANSFORMERS_OFFLINE", "yes",
                "HF_HUB_DOWNLOAD_TIMEOUT", "30",
                "HF_HUB_CACHE", "/c"),
            null);
    assertEquals(URI.create("https://mirror.example/hf"), set.endpoint());
    assertTrue(set.offline());
    assertEquals(Duration.ofSeconds(30), set.idleTimeout());
    assertEquals(Path.of("/c"), set.cache());
    for (String endpoint : new String[] {"ftp://x", "huggingface.co", "https://", "::"})
      assertTrue(
          assertThrows(
                  HubException.class,
                  () -> HubOptions.of(environment("HF_ENDPOINT", endpoint), null))
              .getMessage()
              .contains("HF_ENDPOINT '" + endpoint + "' is not an address"));
    assertThrows(
        HubException.class, () -> HubOptions.of(environment("HF_HUB_ETAG_TIMEOUT", "soon"), null));
  }

  @ParameterizedTest
  @CsvSource({
    "https://huggingface.co/a, secure:8443",
    "http://huggingface.co/a, plain:3128",
    "https://internal.example/a, ''",
    "https://x.internal.example/a, ''",
    "https://notinternal.example/a, secure:8443",
    "http://localhost:99/a, ''",
    "http://localhost:98/a, plain:3128",
    "https://a.dotted/a, ''",
  })
  void takesProxiesOfTheEnvironment(URI uri, String expected) {
    var proxies =
        EnvironmentProxies.of(
            environment(
                "HTTPS_PROXY", "http://user:pa%40ss@secure:8443/",
                "http_proxy", "plain:3128",
                "HTTP_PROXY", "ignored:1",
                "NO_PROXY", "internal.example, localhost:99,.dotted"));
    Proxy proxy = proxies.select(uri).getFirst();
    String actual =
        proxy.address() instanceof InetSocketAddress a ? a.getHostString() + ":" + a.getPort() : "";
    assertEquals(expected, actual);
  }

  @Test
  void refusesAProxyThatIsNone() {
    assertNull(EnvironmentProxies.of(environment()));
    String text =
        assertThrows(
                HubException.class,
                () -> EnvironmentProxies.of(environment("ALL_PROXY", "socks5://u:secret@h:1")))
            .getMessage();
    assertTrue(text.startsWith("ALL_PROXY is not the address of an HTTP proxy"), text);
    assertTrue(!text.contains("secret"));
  }

  @Test
  void drawsProgressWithRateAndTimeLeft() {
    assertEquals(
        "o/m: 3 files [############            ]  50% 1.50 GB of 3.00 GB 10.0 MB/s 2:30 left",
        ProgressBar.line(
            "o/m", 3, 1_500_000_000L, 3_000_000_000L, 1_000_000_000L, 100_000_000_000L));
    assertEquals(
        "o/m: 1 file [########################] 100% 10 B of 10 B 10 B/s",
        ProgressBar.line("o/m", 1, 10, 10, 10, 1_000_000_000L));
    assertTrue(ProgressBar.line("o/m", 1, 1, 100_000_000, 1, 1_000_000_000L).contains("27777:46"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ProgressBar bar = new ProgressBar(new PrintStream(out), false);
    bar.begin("o/m", 1, 10);
    bar.bytes(10, true);
    bar.end();
    assertEquals(2, out.toString().lines().count());
    assertTrue(out.toString().endsWith("100% 10 B of 10 B 0 B/s\n"), out.toString());
  }
}
