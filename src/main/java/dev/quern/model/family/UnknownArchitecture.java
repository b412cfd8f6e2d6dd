package dev.quern.model.family;

import dev.quern.model.ModelConfig;
import dev.quern.model.ModelConfigException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The error for a model that no family serves: it names the nearest ones and all. */
final class UnknownArchitecture {
  private static final int NEAREST = 3;
  private static final Pattern ENDINGS = Pattern.compile("ForCausalLM|LMHeadModel|[_-]");

  private UnknownArchitecture() {}

  static ModelConfigException error(
      ModelConfig config, List<String> names, List<String> supported) {
    String asked = names.isEmpty() ? config.stringOr("", "model_type") : names.getFirst();
    String shown = asked.length() <= 100 ? asked : asked.substring(0, 100) + "...";
    String subject =
        names.isEmpty()
            ? "it has no architectures, and model_type \"" + shown + "\" is not known"
            : "the architecture " + shown + " is not supported";
    String code =
        config.present("auto_map")
            ? " Code that comes with a checkpoint (auto_map) is never run here; in vLLM"
                + " --trust-remote-code would run it."
            : "";
    String wanted = stem(shown);
    Map<String, Integer> distances = new HashMap<>();
    for (String name : supported) {
      distances.put(name, distance(wanted, stem(name)));
    }
    List<String> nearest = new ArrayList<>(supported);
    nearest.sort(Comparator.comparing(distances::get));
    return new ModelConfigException(
        config.source()
            + ": "
            + subject
            + "."
            + code
            + " Nearest: "
            + String.join(", ", nearest.subList(0, Math.min(NEAREST, nearest.size())))
            + ". Supported: "
            + String.join(", ", supported)
            + ".");
  }

  /** What tells names apart: {@code qwen2} for Qwen2ForCausalLM and for qwen2. */
  private static String stem(String name) {
    return ENDINGS.matcher(name).replaceAll("").toLowerCase(Locale.ROOT);
  }

  /** Levenshtein distance. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int replaced = diagonal + (same ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
