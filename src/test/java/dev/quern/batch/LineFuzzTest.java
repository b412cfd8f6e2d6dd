package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random lines: damaged good ones, JSON of random shape, and noise. Each line has one result, with
 * a clear error or an answer. 2,000 lines unless {@code -Dquern.fuzz} or {@code QUERN_TEST_FUZZ}
 * says more.
 */
class LineFuzzTest {
  private static final String[] SEEDS = {
    "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{\"prompt\":\"x\",\"n\":2}}",
    "{\"custom_id\":\"b\",\"url\":\"/v1/chat/completions\",\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"é\"}]}}",
    "{\"prompt\":[1,2,3],\"temperature\":0.5,\"stop\":[\"a\",\"\\u0000\"]}",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud83d\\ude00 \\ud800\"}],\"stream\":false}",
  };
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "1e999999999",
    "-",
    "0",
    "\\u",
    "\"body\"",
    "\"url\"",
    "\"prompt\"",
    "\"messages\"",
    "\"custom_id\"",
    "\"stream\"",
    "\"model\"",
    " ",
    "\t",
    "\u0000",
    "9".repeat(2000),
    "\uFEFF",
    "\uD83D\uDE00",
    "//",
    "NaN",
    "[".repeat(600)
  };

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void anyLineHasOneResult() throws Exception {
    long seed = 20261124;
    int count = count();
    Random random = new Random(seed);
    for (int done = 0; done < count; ) {
      int lines = Math.min(1000, count - done);
      ByteArrayOutputStream input = new ByteArrayOutputStream();
      for (int i = 0; i < lines; i++) {
        input.write(line(random));
        input.write('\n');
      }
      BatchRun run = BatchRun.of(input.toByteArray(), BatchRun.OPTIONS);
      assertEquals(lines, run.lines().size(), "seed " + seed + ", lines from " + done);
      for (JsonNode line : run.lines()) check(line);
      done += lines;
    }
  }

  private static void check(JsonNode line) {
    int status = line.at("/response/status_code").intValue();
    assertTrue(status == 200 || status == 400, line.toString());
    assertEquals(status == 200, line.get("error").isNull());
    if (status == 400) {
      String message = line.at("/error/message").textValue();
      assertTrue(!message.isEmpty() && message.length() < 1000, message);
    }
  }

  private static byte[] line(Random random) {
    byte[] bytes =
        switch (random.nextInt(3)) {
          case 0 -> damaged(random);
          case 1 -> pieces(random).getBytes(StandardCharsets.UTF_8);
          default -> noise(random);
        };
    for (int i = 0; i < bytes.length; i++) if (bytes[i] == '\n') bytes[i] = ' ';
    // A blank line has no result.
    return new String(bytes, StandardCharsets.ISO_8859_1).isBlank() ? new byte[] {'{'} : bytes;
  }

  private static byte[] damaged(Random random) {
    byte[] bytes = SEEDS[random.nextInt(SEEDS.length)].getBytes(StandardCharsets.UTF_8);
    for (int n = random.nextInt(4); n > 0; n--)
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    int end = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
    return Arrays.copyOf(bytes, end);
  }

  private static String pieces(Random random) {
    StringBuilder text = new StringBuilder("{");
    for (int n = random.nextInt(30); n > 0; n--) text.append(PIECES[random.nextInt(PIECES.length)]);
    return text.toString();
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static int count() {
    String asked = System.getProperty("quern.fuzz", System.getenv("QUERN_TEST_FUZZ"));
    return asked == null ? 2000 : Integer.parseInt(asked);
  }
}
