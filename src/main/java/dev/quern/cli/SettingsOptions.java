package dev.quern.cli;

import dev.quern.settings.FlagSpec;
import dev.quern.settings.Flags;
import dev.quern.settings.QuernConfig;
import dev.quern.settings.Settings;
import dev.quern.settings.VllmFlag;
import dev.quern.settings.VllmFlags;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of a command that come from {@link QuernConfig}: one for each declared flag, and
 * hidden ones for vLLM's flags that Quern does not have, so that their values are not taken for
 * something else.
 */
final class SettingsOptions {
  private final Map<String, String> given = new HashMap<>();
  private final Set<String> hiddenGroups;

  /** Options whose help leaves out the groups that mean nothing to the command. */
  SettingsOptions(String... hiddenGroups) {
    this.hiddenGroups = Set.of(hiddenGroups);
  }

  /** Adds the options, group by group. */
  void addTo(CommandSpec command) {
    var groups = new LinkedHashMap<String, ArgGroupSpec.Builder>();
    for (FlagSpec flag : Flags.all()) {
      if (hiddenGroups.contains(flag.group())) {
        command.addOption(option(flag).hidden(true).build());
        continue;
      }
      groups
          .computeIfAbsent(flag.group(), title -> group(title, groups.size()))
          .addArg(option(flag).build());
    }
    groups.values().forEach(group -> command.addArgGroup(group.build()));
    command.addOption(
        OptionSpec.builder("--config")
            .type(String.class)
            .arity("1")
            .paramLabel("<file>")
            .description("settings from a .properties file, or from YAML as vLLM's")
            .setter(setter("config"))
            .build());
    for (FlagSpec flag : Flags.all()) {
      if (flag.kind() == FlagSpec.Kind.SWITCH) {
        command.addOption(
            hidden("--no-" + flag.name())
                .type(boolean.class)
                .arity("0")
                .setter(off(flag.name()))
                .build());
      }
    }
    for (VllmFlag flag : VllmFlags.all()) {
      addHidden(command, flag);
    }
  }

  /** Sets a flag that the command takes in another form, unless it is null. */
  void set(String name, String value) {
    if (value != null) {
      given.put(name, value);
    }
  }

  /** The value given on the command line, or null. */
  String get(String name) {
    return given.get(name);
  }

  /** All settings, the command line's among them; warnings go to standard error. */
  QuernConfig load() {
    return Settings.load(given, warning -> System.err.println("quern: " + warning));
  }

  private static ArgGroupSpec.Builder group(String title, int order) {
    return ArgGroupSpec.builder()
        .validate(false)
        .exclusive(false)
        .order(order + 1)
        .heading("%n" + title + "%n");
  }

  private OptionSpec.Builder option(FlagSpec flag) {
    var option =
        OptionSpec.builder("--" + flag.name())
            .description(description(flag))
            .setter(setter(flag.name()));
    return switch (flag.kind()) {
      case SWITCH -> option.type(boolean.class).arity("0");
      case LIST ->
          option
              .type(List.class)
              .auxiliaryTypes(String.class)
              .arity("1..*")
              .paramLabel(label(flag));
      case TEXT, JSON, INT, LONG, DECIMAL ->
          option.type(String.class).arity("1").paramLabel(label(flag));
    };
  }

  private static String description(FlagSpec flag) {
    var text = new StringBuilder(flag.help().replace("%", "%%"));
    if (!flag.oneOf().isEmpty()) {
      text.append(" (").append(String.join(", ", flag.oneOf())).append(')');
    }
    if (flag.kind() == FlagSpec.Kind.SWITCH) {
      text.append(flag.defaultValue().equals("true") ? "; on, off with --no-" + flag.name() : "");
    } else if (flag.defaultValue() != null) {
      text.append("; default ").append(flag.defaultValue());
    }
    return text.toString();
  }

  private static String label(FlagSpec flag) {
    return switch (flag.kind()) {
      case JSON -> "<json>";
      case INT, LONG -> "<n>";
      case DECIMAL -> "<share>";
      case TEXT, LIST, SWITCH -> flag.oneOf().isEmpty() ? "<text>" : "<word>";
    };
  }

  private void addHidden(CommandSpec command, VllmFlag flag) {
    var option = hidden("--" + flag.name()).setter(setter(flag.name()));
    switch (flag.values()) {
      case NONE -> {
        option.type(boolean.class).arity("0");
        command.addOption(
            hidden("--no-" + flag.name())
                .type(boolean.class)
                .arity("0")
                .setter(off(flag.name()))
                .build());
      }
      case ONE -> option.type(String.class).arity("1");
      case SEVERAL -> option.type(List.class).auxiliaryTypes(String.class).arity("1..*");
    }
    command.addOption(option.build());
  }

  private static OptionSpec.Builder hidden(String name) {
    return OptionSpec.builder(name).hidden(true);
  }

  private ISetter setter(String name) {
    return new ISetter() {
      @Override
      @SuppressWarnings("unchecked")
      public <T> T set(T value) {
        if (value instanceof List<?> list) {
          given.put(
              name, list.stream().map(SettingsOptions::escaped).collect(Collectors.joining(",")));
        } else if (value != null && !Boolean.FALSE.equals(value)) {
          given.put(name, value.toString());
        }
        return null;
      }
    };
  }

  private ISetter off(String name) {
    return new ISetter() {
      @Override
      public <T> T set(T value) {
        if (Boolean.TRUE.equals(value)) {
          given.put(name, "false");
        }
        return null;
      }
    };
  }

  private static String escaped(Object item) {
    return item.toString().replace("\\", "\\\\").replace(",", "\\,");
  }
}
