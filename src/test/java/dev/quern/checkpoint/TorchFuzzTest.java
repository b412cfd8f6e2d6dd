package dev.quern.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged files of torch give the one clear exception, in bounded memory. {@code -Dquern.fuzz=N} or
 * {@code QUERN_TEST_FUZZ=N} sets the number of inputs.
 */
class TorchFuzzTest {
  private static final long MAX_ALLOCATED_BYTES = 8 << 20;

  /** Bytes that mean something to the machine, to a zip archive or to a number. */
  private static final int[] TELLING = {
    0, 1, 2, 0x7f, 0x80, 0xff, '(', 't', 'c', 'R', 'b', 'Q', 'q', 'h', 'j', 'X', 'K', 'J', 'u', 's',
    'e', 'a', '.', ')', '}', ']', 'N', 0x85, 0x86, 0x87, 0x88, 0x8a, 'P', '\n'
  };

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"torch_zip.bin", "torch_legacy.bin"})
  @Timeout(1200)
  void onlyTheClearException(String fixture) throws Exception {
    byte[] good =
        Files.readAllBytes(Path.of(getClass().getResource("/checkpoint/" + fixture).toURI()));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String env = System.getenv("QUERN_TEST_FUZZ");
    int inputs = Integer.getInteger("quern.fuzz", env == null ? 2000 : Integer.parseInt(env)) / 2;
    Path file = folder.resolve("fuzz.bin");
    int accepted = 0;
    for (int i = 0; i < inputs; i++) {
      SplittableRandom random = new SplittableRandom(i);
      write(file, damaged(good, random));
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        TorchFile.open(file);
        accepted++;
      } catch (CheckpointException refusal) {
        assertTrue(refusal.getMessage().startsWith(file + ": "), refusal::getMessage);
        assertTrue(refusal.getMessage().length() < 3000, refusal::getMessage);
      } catch (Throwable other) {
        throw new AssertionError("input " + i, other);
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < MAX_ALLOCATED_BYTES, "input " + i + " took " + allocated + " bytes");
    }
    System.out.printf("%s fuzz: %d inputs, %d accepted%n", fixture, inputs, accepted);
    assertTrue(accepted > 0 && accepted < inputs * 9 / 10, accepted + " accepted");
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
  }

  private static byte[] damaged(byte[] good, SplittableRandom random) {
    byte[] bytes = good.clone();
    for (int damage = 1 + random.nextInt(4); damage > 0; damage--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1, 2 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
        case 3 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 4 -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(40), bytes.length - Math.max(at, from));
          System.arraycopy(good, Math.min(from, good.length - length), bytes, at, length);
        }
        default -> bytes = random.nextInt(8) == 0 ? Arrays.copyOf(bytes, at + 1) : bytes;
      }
    }
    return bytes;
  }
}
