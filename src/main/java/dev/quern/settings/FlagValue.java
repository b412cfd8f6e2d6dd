package dev.quern.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.Locale;

/**
 * Checks a flag's text and brings it to the one form that {@link ConfigValues} reads: {@code 32k}
 * becomes 32000, {@code auto} -1, {@code yes} true.
 */
final class FlagValue {
  private static final String DECIMAL_SUFFIXES = "kmgt";

  private FlagValue() {}

  /**
   * The canonical text of a value; throws with the reason alone, to which the caller adds name and
   * origin.
   */
  static String canonical(FlagSpec flag, String text) {
    String value = text.strip();
    if (!flag.oneOf().isEmpty() && !flag.oneOf().contains(value)) {
      throw new SettingsException(
          shown(flag, value) + " is not one of " + String.join(", ", flag.oneOf()));
    }
    return switch (flag.kind()) {
      case TEXT -> text;
      case LIST -> value;
      case JSON -> jsonObject(flag, value);
      case SWITCH -> Boolean.toString(onOrOff(flag, value));
      case INT, LONG -> whole(flag, value);
      case DECIMAL -> decimal(flag, value);
    };
  }

  /** True for on, false for off. */
  static boolean onOrOff(FlagSpec flag, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw new SettingsException(shown(flag, value) + " is not true or false");
    };
  }

  /** A whole number; k, m, g, t multiply by powers of 1000, K, M, G, T by powers of 1024. */
  private static String whole(FlagSpec flag, String value) {
    if (!flag.autoWord().isEmpty() && (value.equals(flag.autoWord()) || value.equals("-1"))) {
      return "-1";
    }
    long number;
    try {
      number = multiplied(value);
    } catch (NumberFormatException | ArithmeticException e) {
      String or = flag.autoWord().isEmpty() ? "" : " or " + flag.autoWord();
      throw new SettingsException(shown(flag, value) + " is not a whole number" + or);
    }
    double most = flag.kind() == FlagSpec.Kind.INT ? Integer.MAX_VALUE : Long.MAX_VALUE;
    checkRange(flag, value, number, Math.min(flag.max(), most));
    return Long.toString(number);
  }

  private static long multiplied(String value) {
    char last = value.isEmpty() ? ' ' : value.charAt(value.length() - 1);
    int power = DECIMAL_SUFFIXES.indexOf(Character.toLowerCase(last)) + 1;
    if (power == 0) {
      return Long.parseLong(value);
    }
    String digits = value.substring(0, value.length() - 1);
    if (Character.isUpperCase(last)) {
      return Math.multiplyExact(Long.parseLong(digits), 1L << (10 * power));
    }
    if (!digits.matches("-?[0-9]{1,18}(\\.[0-9]{1,18})?")) {
      throw new NumberFormatException(value);
    }
    return new BigDecimal(digits).scaleByPowerOfTen(3 * power).longValueExact();
  }

  private static String decimal(FlagSpec flag, String value) {
    double number;
    try {
      number = Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new SettingsException(shown(flag, value) + " is not a number");
    }
    if (Double.isNaN(number)) {
      throw new SettingsException(shown(flag, value) + " is not a number");
    }
    checkRange(flag, value, number, flag.max());
    return Double.toString(number);
  }

  private static void checkRange(FlagSpec flag, String value, double number, double max) {
    if (number < flag.min() || number > max) {
      String allowed =
          Double.isInfinite(max)
              ? "must be " + plain(flag.min()) + " or more"
              : Double.isInfinite(flag.min())
                  ? "must be " + plain(max) + " or less"
                  : "must be between " + plain(flag.min()) + " and " + plain(max);
      throw new SettingsException(shown(flag, value) + " " + allowed);
    }
  }

  private static String jsonObject(FlagSpec flag, String value) {
    try {
      var mapper = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
      if (mapper.readTree(value).isObject()) {
        return value;
      }
    } catch (JsonProcessingException e) {
      throw new SettingsException(
          shown(flag, value) + " is not a JSON object: " + e.getOriginalMessage());
    }
    throw new SettingsException(shown(flag, value) + " is not a JSON object");
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? String.format("%.0f", number) : Double.toString(number);
  }

  private static String shown(FlagSpec flag, String value) {
    return flag.secret() ? "the value" : '"' + value + '"';
  }
}
