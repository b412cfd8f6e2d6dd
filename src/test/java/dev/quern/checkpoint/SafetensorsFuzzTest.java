package dev.quern.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged safetensors files give the one clear exception, in bounded memory. {@code -Dquern.fuzz=N}
 * or {@code QUERN_TEST_FUZZ=N} sets the number of inputs; {@code -Dquern.fuzz.keep=FOLDER} keeps
 * each input, named by whether it was accepted, to compare with other readers.
 */
class SafetensorsFuzzTest {
  private static final long MAX_ALLOCATED_BYTES = 4 << 20;
  private static final List<String> NUMBERS =
      List.of("0", "1", "2", "4", "8", "16", "24", "-1", "-0", "1.0", "1e1", "01", "4294967296");
  private static final List<String> HUGE =
      List.of(
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "9".repeat(60));
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          " ",
          "\t",
          "null",
          "true",
          "\"a\"",
          "\"dtype\"",
          "\"shape\"",
          "\"data_offsets\"",
          "\"__metadata__\"",
          "\"F32\"",
          "\"BF16\"",
          "\"F4\"",
          "{}",
          "[]",
          "[0,0]",
          "\\u0061",
          "\\ud800",
          "\\u0000",
          "\u0000",
          "\uFEFF",
          "é",
          "NaN",
          "//",
          "/*",
          "'",
          "+");

  @TempDir Path folder;

  @Test
  @Timeout(1200)
  void onlyTheClearException() throws IOException {
    int inputs = count();
    String keep = System.getProperty("quern.fuzz.keep");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Path file = folder.resolve("fuzz.safetensors");
    int accepted = 0;
    for (int i = 0; i < inputs; i++) {
      SplittableRandom random = new SplittableRandom(i);
      byte[] bytes = input(random);
      Files.write(file, bytes);
      boolean ok;
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        for (StoredTensor tensor : Safetensors.open(file)) touch(tensor);
        ok = true;
        accepted++;
      } catch (CheckpointException refusal) {
        ok = false;
        assertTrue(refusal.getMessage().startsWith(file + ": "), refusal::getMessage);
        assertTrue(refusal.getMessage().length() < 3000, refusal::getMessage);
      } catch (Throwable other) {
        throw new AssertionError("input " + i + " of " + bytes.length + " bytes", other);
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < MAX_ALLOCATED_BYTES, "input " + i + " took " + allocated + " bytes");
      if (keep != null) Files.write(Path.of(keep, (ok ? "accepted-" : "refused-") + i), bytes);
    }
    System.out.printf("safetensors fuzz: %d inputs, %d accepted%n", inputs, accepted);
    assertTrue(accepted > inputs / 50 && accepted < inputs / 2, accepted + " accepted");
  }

  private static int count() {
    String env = System.getenv("QUERN_TEST_FUZZ");
    return Integer.getInteger("quern.fuzz", env == null ? 2000 : Integer.parseInt(env));
  }

  private static void touch(StoredTensor tensor) {
    long size = tensor.data().byteSize();
    long elements = 1;
    for (long dimension : tensor.shape()) elements *= dimension;
    assertEquals(size * 8, elements * tensor.type().bits());
    if (size > 0) tensor.data().get(java.lang.foreign.ValueLayout.JAVA_BYTE, size - 1);
  }

  /** A well-formed file, damaged in 0 to 4 places. */
  private static byte[] input(SplittableRandom random) {
    StringBuilder header = new StringBuilder("{");
    if (random.nextInt(3) == 0) header.append("\"__metadata__\":{\"format\":\"pt\"},");
    int dataBytes = 0;
    int tensors = 1 + random.nextInt(4);
    for (int t = 0; t < tensors; t++) {
      int rows = random.nextInt(4);
      int cols = 1 + random.nextInt(4);
      int end = dataBytes + rows * cols * 4;
      if (t > 0) header.append(',');
      header.append("\"t%d\":{\"dtype\":\"F32\",\"shape\":[%d,%d],".formatted(t, rows, cols));
      header.append("\"data_offsets\":[%d,%d]}".formatted(dataBytes, end));
      dataBytes = end;
    }
    header.append('}');
    for (int damage = random.nextInt(5); damage > 0; damage--) damageText(header, random);
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(4) == 0) text = damageBytes(text, random);
    long length = random.nextInt(20) == 0 ? random.nextLong() >> random.nextInt(64) : text.length;
    int data = random.nextInt(20) == 0 ? random.nextInt(200) : dataBytes;
    return ByteBuffer.allocate(8 + text.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(text)
        .array();
  }

  private static void damageText(StringBuilder text, SplittableRandom random) {
    int at = random.nextInt(text.length() + 1);
    switch (random.nextInt(7)) {
      case 0 -> text.insert(at, pick(PIECES, random));
      case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
      case 2 -> replaceNumber(text, at, pick(NUMBERS, random));
      case 3 -> replaceNumber(text, at, pick(HUGE, random));
      case 4 -> {
        int from = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), from + random.nextInt(60));
        text.insert(at, text.substring(from, to));
      }
      case 5 -> text.insert(at, String.valueOf(pick(PIECES, random)).repeat(random.nextInt(200)));
      default -> text.append(" ".repeat(random.nextInt(9)));
    }
    if (text.isEmpty()) text.append('{');
  }

  /** Replaces the first run of digits from {@code at} on. */
  private static void replaceNumber(StringBuilder text, int at, String number) {
    int start = at;
    while (start < text.length() && !Character.isDigit(text.charAt(start))) start++;
    int end = start;
    while (end < text.length() && Character.isDigit(text.charAt(end))) end++;
    text.replace(start, end, number);
  }

  private static byte[] damageBytes(byte[] text, SplittableRandom random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = random.nextInt(Math.max(1, text.length));
    for (int i = 0; i < text.length; i++) {
      if (i != at) {
        out.write(text[i]);
        continue;
      }
      switch (random.nextInt(3)) {
        case 0 -> out.write(random.nextInt(256));
        case 1 -> out.write(text[i] ^ 1 << random.nextInt(8));
        default -> {} // the byte is dropped
      }
    }
    return out.toByteArray();
  }

  private static String pick(List<String> from, SplittableRandom random) {
    return from.get(random.nextInt(from.size()));
  }
}
