package dev.quern.cli;

import dev.quern.settings.FlagSpec;
import dev.quern.settings.Flags;
import dev.quern.settings.SettingsException;
import dev.quern.settings.VllmFlag;
import dev.quern.settings.VllmFlags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Brings arguments as vLLM takes them to the one form that the commands declare: {@code
 * --max_num_seqs} becomes {@code --max-num-seqs}, {@code -tp 2} its long form, {@code
 * --enable-x=false} becomes {@code --no-enable-x}.
 */
final class FlagSyntax {
  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("-tp", "--tensor-parallel-size"),
          Map.entry("-pp", "--pipeline-parallel-size"),
          Map.entry("-dp", "--data-parallel-size"),
          Map.entry("-dcp", "--decode-context-parallel-size"),
          Map.entry("-pcp", "--prefill-context-parallel-size"),
          Map.entry("-ep", "--enable-expert-parallel"),
          Map.entry("-q", "--quantization"),
          Map.entry("-cc", "--compilation-config"),
          Map.entry("-ac", "--attention-config"),
          Map.entry("-sc", "--speculative-config"),
          Map.entry("-asc", "--api-server-count"),
          Map.entry("-O", "--optimization-level"));

  /**
   * {@code -O3}, and {@code -O.mode=3}, {@code --compilation-config.mode=3}: one field of a JSON
   * object.
   */
  private static final Pattern LEVEL = Pattern.compile("-O=?([0-9])");

  private static final Pattern DOTTED = Pattern.compile("(-[A-Za-z-]+)\\.[^=]*(=.*)?");
  private static final Set<String> SWITCHES = switches();

  private FlagSyntax() {}

  /** Everything up to a lone {@code --} in its one form. */
  static String[] normalise(String... args) {
    var out = new ArrayList<String>(args.length);
    int i = 0;
    while (i < args.length && !args[i].equals("--")) {
      out.add(one(args[i++]));
    }
    out.addAll(List.of(args).subList(i, args.length));
    return out.toArray(String[]::new);
  }

  private static String one(String arg) {
    var level = LEVEL.matcher(arg);
    if (level.matches()) {
      return "--optimization-level=" + level.group(1);
    }
    if (!arg.startsWith("-") || arg.length() < 2) {
      return arg;
    }
    int equals = arg.indexOf('=');
    String name = equals < 0 ? arg : arg.substring(0, equals);
    String value = equals < 0 ? "" : arg.substring(equals);
    name = SHORT.getOrDefault(name, name);
    if (!name.startsWith("--")) {
      var dotted = DOTTED.matcher(arg);
      boolean known = dotted.matches() && SHORT.containsKey(dotted.group(1));
      return known ? ignoredField(SHORT.get(dotted.group(1)), value) : arg;
    }
    name = "--" + name.substring(2).replace('_', '-');
    int dot = name.indexOf('.');
    if (dot > 0 && VllmFlags.all().stream().anyMatch(f -> ("--" + f.name()).equals(name(arg)))) {
      return ignoredField(name.substring(0, dot), value);
    }
    return value.isEmpty() ? name : withValue(name, value);
  }

  private static String name(String dotted) {
    return dotted.substring(0, dotted.indexOf('.')).replace('_', '-');
  }

  /** The field itself does not matter where the whole object is ignored. */
  private static String ignoredField(String name, String value) {
    return value.isEmpty() ? name : name + "={}";
  }

  private static String withValue(String name, String value) {
    if (!SWITCHES.contains(name)) {
      return name + value;
    }
    return switch (value.substring(1).toLowerCase(java.util.Locale.ROOT)) {
      case "true", "yes", "on", "1" -> name;
      case "false", "no", "off", "0" ->
          name.startsWith("--no-") ? "--" + name.substring(5) : "--no-" + name.substring(2);
      default ->
          throw new SettingsException(
              name + ": \"" + value.substring(1) + "\" is not true or false");
    };
  }

  private static Set<String> switches() {
    var switches = new HashSet<String>();
    for (FlagSpec flag : Flags.all()) {
      if (flag.kind() == FlagSpec.Kind.SWITCH) {
        switches.add("--" + flag.name());
        switches.add("--no-" + flag.name());
      }
    }
    for (VllmFlag flag : VllmFlags.all()) {
      if (flag.values() == VllmFlag.Values.NONE) {
        switches.add("--" + flag.name());
        switches.add("--no-" + flag.name());
      }
    }
    return switches;
  }
}
