package dev.quern.text.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * C's {@code strftime} in the C locale, as Python's {@code datetime} gives it, glibc's {@code %-d}
 * among it.
 */
final class Strftime {
  private Strftime() {}

  static String format(String format, LocalDateTime time, Budget budget) {
    Output output = new Output(budget);
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        output.append(c);
        continue;
      }
      c = format.charAt(++i);
      boolean unpadded = c == '-' && i + 1 < format.length();
      if (unpadded) c = format.charAt(++i);
      String text = directive(c, time, budget);
      output.append(unpadded ? unpadded(text) : text);
    }
    return output.toString();
  }

  private static String unpadded(String text) {
    int start = 0;
    while (start < text.length() - 1 && (text.charAt(start) == '0' || text.charAt(start) == ' '))
      start++;
    return text.substring(start);
  }

  private static String directive(char directive, LocalDateTime time, Budget budget) {
    return switch (directive) {
      case '%' -> "%";
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'a' -> pattern("EEE", time);
      case 'A' -> pattern("EEEE", time);
      case 'b', 'h' -> pattern("MMM", time);
      case 'B' -> pattern("MMMM", time);
      case 'd' -> pattern("dd", time);
      case 'e' -> Strings.pad(pattern("d", time), 2, 1, ' ', budget);
      case 'm' -> pattern("MM", time);
      case 'y' -> pattern("uu", time);
      case 'Y' -> pattern("uuuu", time);
      case 'C' -> Strings.pad(Integer.toString(time.getYear() / 100), 2, 1, '0', budget);
      case 'H' -> pattern("HH", time);
      case 'I' -> pattern("hh", time);
      case 'k' -> Strings.pad(pattern("H", time), 2, 1, ' ', budget);
      case 'l' -> Strings.pad(pattern("h", time), 2, 1, ' ', budget);
      case 'M' -> pattern("mm", time);
      case 'S' -> pattern("ss", time);
      case 'f' -> pattern("SSSSSS", time);
      case 'p' -> time.getHour() < 12 ? "AM" : "PM";
      case 'P' -> time.getHour() < 12 ? "am" : "pm";
      case 'j' -> pattern("DDD", time);
      case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
      case 'V' -> pattern("ww", time, Locale.GERMANY);
      case 'G' -> pattern("YYYY", time, Locale.GERMANY);
      case 'U' -> week(time, 0);
      case 'W' -> week(time, 1);
      case 'F' -> pattern("uuuu-MM-dd", time);
      case 'D', 'x' -> pattern("MM/dd/uu", time);
      case 'T', 'X' -> pattern("HH:mm:ss", time);
      case 'R' -> pattern("HH:mm", time);
      case 'r' -> pattern("hh:mm:ss", time) + (time.getHour() < 12 ? " AM" : " PM");
      case 'c' ->
          pattern("EEE MMM ", time)
              + Strings.pad(pattern("d", time), 2, 1, ' ', budget)
              + pattern(" HH:mm:ss uuuu", time);
      // A time without zone has none to print.
      case 'z', 'Z' -> "";
      default -> "%" + directive;
    };
  }

  private static String pattern(String pattern, LocalDateTime time) {
    return pattern(pattern, time, Locale.US);
  }

  /** German weeks are ISO weeks. */
  private static String pattern(String pattern, LocalDateTime time, Locale locale) {
    return DateTimeFormatter.ofPattern(pattern, locale).format(time);
  }

  /**
   * Week of the year; days before its first {@code firstDay} (0 Sunday, 1 Monday) are in week 0.
   */
  private static String week(LocalDateTime time, int firstDay) {
    int weekday = (time.getDayOfWeek().getValue() - firstDay + 7) % 7;
    int week = (time.getDayOfYear() + 6 - weekday) / 7;
    return (week < 10 ? "0" : "") + week;
  }
}
