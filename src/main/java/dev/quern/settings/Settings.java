package dev.quern.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The one reader of configuration: flags over system properties ({@code -Dquern.x}) over the
 * environment over files. It works without Quarkus running. An unknown name and a bad value are
 * errors that say where they stand; vLLM's flags without meaning here are warned about once.
 */
public final class Settings {
  private static final List<String> FILES = List.of("quern.properties", "application.properties");

  private Settings() {}

  /**
   * Reads everything; warnings go to the log.
   *
   * @param flags values by flag name ({@code max-model-len}); of lists, separated by commas; {@code
   *     config} names a file
   * @throws SettingsException names the setting, its value, what is allowed and where it was read
   */
  public static QuernConfig load(Map<String, String> flags) {
    System.Logger log = System.getLogger(Settings.class.getName());
    return load(flags, warning -> log.log(System.Logger.Level.WARNING, warning));
  }

  /** The same with warnings handed to the caller. */
  public static QuernConfig load(Map<String, String> flags, Consumer<String> warn) {
    return load(flags, System.getenv(), System.getProperties(), Path.of(""), warn);
  }

  /** Flags over defaults and nothing else: neither environment nor files are read. */
  public static QuernConfig flagsOnly(Map<String, String> flags) {
    return load(flags, Map.of(), Map.of(), null, warning -> {});
  }

  static QuernConfig load(
      Map<String, String> flags,
      Map<String, String> environment,
      Map<?, ?> systemProperties,
      Path folder,
      Consumer<String> warn) {
    var given = new HashMap<>(flags);
    var variables = new HashMap<>(environment);
    String variable = variables.remove("QUERN_CONFIG");
    String flag = given.remove("config");
    var layers = files(flag != null ? flag : variable, folder);
    layers.add(Layer.platformPort(variables));
    layers.add(Layer.environment(variables));
    layers.add(Layer.systemProperties(systemProperties));
    layers.add(Layer.commandLine(given));
    return ConfigValues.of(strongest(layers, warn));
  }

  /** Weakest first: the files of the folder (null = none), or the one file asked for. */
  private static List<Layer> files(String asked, Path folder) {
    var layers = new ArrayList<Layer>();
    if (folder == null) {
      return layers;
    }
    if (asked != null && !asked.isEmpty()) {
      layers.add(ConfigFile.read(folder.resolve(asked)));
      return layers;
    }
    for (String name : FILES.reversed()) {
      if (Files.isRegularFile(folder.resolve(name))) {
        layers.add(ConfigFile.read(folder.resolve(name)));
      }
    }
    return layers;
  }

  /** The checked value of each flag that is set somewhere: the strongest layer's. */
  private static Map<String, String> strongest(List<Layer> layers, Consumer<String> warn) {
    record Given(String name, String text, Layer.Place place) {}
    var winners = new TreeMap<String, Given>();
    for (Layer layer : layers) {
      layer
          .values()
          .forEach(
              (name, text) -> {
                FlagSpec flag = flag(name);
                if (flag == null) {
                  checkVllm(name, text, layer.place(), warn);
                } else {
                  winners.put(flag.name(), new Given(name, text, layer.place()));
                }
              });
    }
    var values = new HashMap<String, String>();
    winners.forEach(
        (name, given) -> {
          FlagSpec flag = Flags.find(name);
          try {
            String value = FlagValue.canonical(flag, given.text());
            boolean negated = !given.name().equals(name);
            values.put(name, negated ? "" + !Boolean.parseBoolean(value) : value);
          } catch (SettingsException e) {
            throw new SettingsException(
                given.place().written(given.name()) + ": " + e.getMessage());
          }
        });
    return values;
  }

  /** The flag of that name or, for {@code no-x}, the switch x; null when there is none. */
  private static FlagSpec flag(String name) {
    FlagSpec flag = Flags.find(name);
    if (flag == null && name.startsWith("no-")) {
      FlagSpec negated = Flags.find(name.substring(3));
      return negated != null && negated.kind() == FlagSpec.Kind.SWITCH ? negated : null;
    }
    return flag;
  }

  private static void checkVllm(
      String name, String text, Layer.Place place, Consumer<String> warn) {
    VllmFlag known = VllmFlags.find(name.startsWith("no-") ? name.substring(3) : name);
    String written = place.written(name);
    if (known == null) {
      String nearest = Nearest.to(name, Flags.all().stream().map(FlagSpec::name).toList());
      String hint = nearest == null ? "" : "; did you mean " + place.written(nearest) + "?";
      throw new SettingsException("unknown setting " + written + hint);
    }
    boolean off = name.startsWith("no-") || text.equals("false");
    if (known.refused() && !off && !text.equals(known.harmless())) {
      throw new SettingsException(written + ": not supported by Quern: " + known.why());
    }
    if (!known.refused()) {
      warn.accept(written + " has no meaning here: " + known.why());
    }
  }
}
