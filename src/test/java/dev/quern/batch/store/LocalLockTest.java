package dev.quern.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process at a time, and one job of a process. */
@Timeout(60)
class LocalLockTest {
  private static final int REFUSED = 7;

  @TempDir Path folder;

  /** Another process: FILE. */
  static final class Other {
    private Other() {}

    public static void main(String[] args) throws IOException {
      try (Closeable lock = new LocalDisk().lock(Path.of(args[0]), "the other")) {
        if (lock == null) throw new IllegalStateException("no lock");
      } catch (HeldException e) {
        System.out.println(e.getMessage());
        System.exit(REFUSED);
      }
    }
  }

  private static Process other(Path file) throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                file.toString())
            .start();
    other.waitFor();
    return other;
  }

  @Test
  void aRefusedJobOfThisProcessLeavesTheLockHeld() throws Exception {
    LocalDisk disk = new LocalDisk();
    Path file = folder.resolve("lock");
    Path alias = Files.createSymbolicLink(folder.resolve("alias"), folder).resolve("lock");
    try (Closeable lock = disk.lock(file, "job 1")) {
      for (Path name : new Path[] {file, alias}) {
        HeldException held = assertThrows(HeldException.class, () -> disk.lock(name, "job 2"));
        assertEquals("job 1", held.getMessage());
      }
      Process refused = other(file);
      assertEquals(REFUSED, refused.exitValue(), lock + " is held");
      assertEquals("job 1", refused.inputReader().readLine());
    }
    assertEquals(0, other(file).exitValue());
    disk.lock(file, "job 3").close();
  }
}
