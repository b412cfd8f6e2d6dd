package dev.quern.backend.cpu;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory that can still be used: what the system calls available, and no more than what the control
 * groups of this process leave (version 1 and 2). File pages count as free, since they are dropped
 * when memory is short.
 */
final class AvailableMemory {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private AvailableMemory() {}

  static long bytes() {
    long available = ofSystem(Path.of("/proc/meminfo"));
    for (String line : lines(Path.of("/proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      if (parts[1].isEmpty()) {
        available =
            Math.min(
                available,
                ofGroup(CGROUPS, parts[2], "memory.max", "memory.current", "inactive_file"));
      } else if (List.of(parts[1].split(",")).contains("memory")) {
        available =
            Math.min(
                available,
                ofGroup(
                    CGROUPS.resolve("memory"),
                    parts[2],
                    "memory.limit_in_bytes",
                    "memory.usage_in_bytes",
                    "total_inactive_file"));
      }
    }
    return available;
  }

  static long ofSystem(Path meminfo) {
    for (String line : lines(meminfo)) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getFreeMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  /** The least that a group or one above it leaves; a container may see its own group as root. */
  static long ofGroup(Path root, String group, String limit, String usage, String droppable) {
    long least = Long.MAX_VALUE;
    Path folder = root.resolve(group.substring(1)).normalize();
    for (; folder.startsWith(root); folder = folder.getParent()) {
      long max = number(folder.resolve(limit));
      long used = number(folder.resolve(usage));
      if (max >= 0 && used >= 0) {
        long cached = 0;
        for (String line : lines(folder.resolve("memory.stat"))) {
          if (line.startsWith(droppable + " ")) {
            cached = Long.parseLong(line.substring(droppable.length() + 1).trim());
          }
        }
        least = Math.min(least, Math.max(0, max - used + cached));
      }
    }
    return least;
  }

  /** The number in a file, or -1 where it is missing or says {@code max}. */
  private static long number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() || !lines.getFirst().matches("[0-9]{1,19}")
        ? -1
        : Long.parseLong(lines.getFirst());
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // a group may vanish, and some systems have none of these files
    }
  }
}
