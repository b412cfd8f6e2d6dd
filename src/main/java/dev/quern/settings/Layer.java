package dev.quern.settings;

import java.util.Map;
import java.util.TreeMap;

/**
 * Settings from one place, by flag name.
 *
 * @param place how its names are written in messages: {@code %s} is the flag's name
 * @param values texts by flag name
 */
record Layer(Place place, Map<String, String> values) {
  /** Where settings come from, strongest first. */
  sealed interface Place {
    /** How the setting is written there. */
    String written(String name);
  }

  record CommandLine() implements Place {
    @Override
    public String written(String name) {
      return "--" + name;
    }
  }

  record SystemProperty() implements Place {
    @Override
    public String written(String name) {
      return "-Dquern." + name;
    }
  }

  record Environment() implements Place {
    @Override
    public String written(String name) {
      return variable(name) + " in the environment";
    }
  }

  record PlatformPort() implements Place {
    @Override
    public String written(String name) {
      return "PORT in the environment";
    }
  }

  record File(String path, String prefix) implements Place {
    @Override
    public String written(String name) {
      return prefix + name + " in " + path;
    }
  }

  private static final String VARIABLE_PREFIX = "QUERN_";
  private static final String KEY_PREFIX = "quern.";

  static Layer commandLine(Map<String, String> flags) {
    return new Layer(new CommandLine(), flags);
  }

  static Layer systemProperties(Map<?, ?> properties) {
    var values = new TreeMap<String, String>();
    properties.forEach(
        (key, value) -> {
          if (key instanceof String name && name.startsWith(KEY_PREFIX)) {
            values.put(name.substring(KEY_PREFIX.length()), String.valueOf(value));
          }
        });
    return new Layer(new SystemProperty(), values);
  }

  /**
   * QUERN_* but for the launcher's, the tests' and those Kubernetes adds for a service named quern.
   */
  static Layer environment(Map<String, String> environment) {
    var values = new TreeMap<String, String>();
    environment.forEach(
        (variable, value) -> {
          if (variable.startsWith(VARIABLE_PREFIX)
              && !value.isEmpty()
              && !foreign(variable, value)) {
            values.put(flag(variable), value);
          }
        });
    return new Layer(new Environment(), values);
  }

  /** The port that Knative and Cloud Run tell a container to listen on. */
  static Layer platformPort(Map<String, String> environment) {
    String port = environment.getOrDefault("PORT", "");
    return new Layer(new PlatformPort(), port.isEmpty() ? Map.of() : Map.of("port", port));
  }

  private static boolean foreign(String variable, String value) {
    return switch (variable) {
      case "QUERN_JAVA_HOME", "QUERN_JAVA_OPTS", "QUERN_DEBUG", "QUERN_AOT" -> true;
      case "QUERN_PORT" -> value.startsWith("tcp://") || value.startsWith("udp://");
      default ->
          variable.startsWith("QUERN_TEST_")
              || variable.startsWith("QUERN_SERVICE_")
              || variable.startsWith("QUERN_PORT_");
    };
  }

  private static String flag(String variable) {
    String name = variable.substring(VARIABLE_PREFIX.length());
    return name.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  private static String variable(String name) {
    return VARIABLE_PREFIX + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
  }
}
