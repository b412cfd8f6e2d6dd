package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lines as bytes: ends, marks, blanks and limits. */
class LineReaderTest {
  @Test
  void blankLinesAreCountedAndSkipped() throws Exception {
    assertEquals(
        List.of("1:a", "4:b", "6:c"),
        read("a\r\n\n  \t \r\nb\n\r\nc".getBytes(StandardCharsets.UTF_8), 100));
  }

  @Test
  void aMarkAtTheStartIsDroppedAndOnlyThere() throws Exception {
    String mark = "\uFEFF";
    assertEquals(
        List.of("1:a", "2:" + mark + "b"),
        read((mark + "a\n" + mark + "b").getBytes(StandardCharsets.UTF_8), 100));
    assertEquals(List.of("2:a"), read((mark + "\na").getBytes(StandardCharsets.UTF_8), 100));
  }

  @Test
  void aLineBeyondTheLimitIsReadPast() throws Exception {
    String text = "12345\n123456\r\n1234567\n12345678\r\nx\n123456789";
    assertEquals(
        List.of("1:12345", "2:123456", "3 is 7", "4 is 9", "5:x", "6 is 9"),
        read(text.getBytes(StandardCharsets.UTF_8), 6));
  }

  @Test
  void linesOverManyBuffersComeWhole() throws Exception {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    List<String> wanted = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      String line = "x".repeat(1 + random.nextInt(1 << random.nextInt(18)));
      wanted.add(i + ":" + line);
      text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
    }
    assertEquals(wanted, read(text.toString().getBytes(StandardCharsets.UTF_8), 1 << 20));
  }

  /** Four gigabytes without a line end, of which nothing is kept. */
  @Test
  void anEndlessLineCostsNoMemory() throws Exception {
    long length = 4L << 30;
    InputStream endless =
        new InputStream() {
          private long left = length;

          @Override
          public int read() {
            throw new UnsupportedOperationException();
          }

          @Override
          public int read(byte[] into, int from, int count) {
            if (left == 0) return -1;
            int n = (int) Math.min(left, count);
            left -= n;
            return n;
          }
        };
    try (LineReader reader = new LineReader(endless, 1000)) {
      Line line = reader.next();
      assertNull(line.bytes());
      assertEquals(length, line.lengthBytes());
      assertNull(reader.next());
      assertEquals(length, reader.readBytes());
    }
  }

  @Test
  void brokenUtf8IsAnErrorOfItsLine() throws Exception {
    byte[] input = "{\"prompt\":\"aXb\"}\n{\"prompt\":\"ü\"}\n".getBytes(StandardCharsets.UTF_8);
    input[12] = (byte) 0xC3; // a first byte without its second
    BatchRun run = BatchRun.of(input, BatchRun.OPTIONS);
    assertEquals("line 1 is not valid UTF-8 at byte 13", run.message("line-1"));
    assertEquals("ü", run.text("line-2"));
    byte[] surrogate = "{\"prompt\":\"aXXX\"}".getBytes(StandardCharsets.UTF_8);
    surrogate[12] = (byte) 0xED;
    surrogate[13] = (byte) 0xA0;
    surrogate[14] = (byte) 0x80;
    assertTrue(
        BatchRun.of(surrogate, BatchRun.OPTIONS).message("line-1").contains("not valid UTF-8"));
  }

  private static List<String> read(byte[] bytes, int maxLineBytes) throws IOException {
    List<String> lines = new ArrayList<>();
    try (LineReader reader = new LineReader(new ByteArrayInputStream(bytes), maxLineBytes)) {
      for (Line line; (line = reader.next()) != null; )
        lines.add(
            line.number()
                + (line.bytes() == null
                    ? " is " + line.lengthBytes()
                    : ":" + new String(line.bytes(), StandardCharsets.UTF_8)));
      assertEquals(bytes.length, reader.readBytes());
    }
    return lines;
  }
}
