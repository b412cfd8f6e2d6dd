package dev.quern.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as people write them: {@code 90}, {@code 90s}, {@code 50m}, {@code 1h30m}. */
final class Durations {
  private static final Pattern FORM = Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s?)?");

  private Durations() {}

  static Duration parse(String text) {
    Matcher parts = FORM.matcher(text.strip());
    if (text.isBlank() || !parts.matches())
      throw new IllegalArgumentException(
          "'" + text + "' is no length of time such as 50m or 1h30m");
    return Duration.ofHours(number(parts.group(1)))
        .plusMinutes(number(parts.group(2)))
        .plusSeconds(number(parts.group(3)));
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
