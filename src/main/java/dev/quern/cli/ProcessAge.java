package dev.quern.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** How long this process has run. */
final class ProcessAge {
  /** Of {@code /proc/self/stat}'s times: USER_HZ, the same on every Linux. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int START_TIME = 19; // counted from the field behind the name

  private ProcessAge() {}

  /** Since exec on Linux, to a hundredth of a second; elsewhere since the JVM's start. */
  static double seconds() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      String uptime = Files.readString(Path.of("/proc/uptime"));
      return Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')))
          - Long.parseLong(fields[START_TIME]) / TICKS_PER_SECOND;
    } catch (IOException notLinux) {
      return ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
    }
  }
}
