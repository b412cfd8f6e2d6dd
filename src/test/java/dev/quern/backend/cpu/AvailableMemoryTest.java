package dev.quern.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AvailableMemoryTest {
  @TempDir Path root;

  @Test
  void readsWhatTheSystemCallsAvailable() throws IOException {
    Path meminfo = root.resolve("meminfo");
    Files.writeString(meminfo, "MemTotal:  24 kB\nMemFree: 3 kB\nMemAvailable:   17 kB\n");
    assertEquals(17 * 1024, AvailableMemory.ofSystem(meminfo));
  }

  @Test
  void theTightestGroupAboveCounts() throws IOException {
    group("", "max", 900, 0);
    group("outer", "1000", 700, 100);
    group("outer/inner", "5000", 10, 0);
    assertEquals(400, limit("/outer/inner"));
    assertEquals(400, limit("/outer"));
    assertEquals(Long.MAX_VALUE, limit("/elsewhere"));
  }

  @Test
  void aGroupThatIsFullLeavesNothing() throws IOException {
    group("full", "1000", 1200, 50);
    assertEquals(0, limit("/full"));
  }

  @Test
  void thisMachineHasSomeMemory() {
    assertTrue(AvailableMemory.bytes() > 1 << 20);
  }

  private long limit(String group) {
    return AvailableMemory.ofGroup(root, group, "memory.max", "memory.current", "inactive_file");
  }

  private void group(String path, String max, long current, long inactiveFile) throws IOException {
    Path folder = Files.createDirectories(root.resolve(path));
    Files.writeString(folder.resolve("memory.max"), max + "\n");
    Files.writeString(folder.resolve("memory.current"), current + "\n");
    Files.writeString(
        folder.resolve("memory.stat"), "anon 5\ninactive_file " + inactiveFile + "\n");
  }
}
