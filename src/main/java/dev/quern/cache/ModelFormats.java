package dev.quern.cache;

import dev.quern.checkpoint.LoadFormat;
import dev.quern.hub.ModelFiles;
import dev.quern.hub.WeightKind;
import dev.quern.model.ModelConfig;
import dev.quern.settings.ModelSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The formats in which a model's config and weights are read, with {@code auto} resolved.
 *
 * @param mistralConfig {@code params.json}, not {@code config.json}
 * @param weights never {@link LoadFormat#AUTO}
 */
record ModelFormats(boolean mistralConfig, LoadFormat weights) {
  private static final String PARAMS = "params.json";
  private static final String CONFIG = "config.json";

  /**
   * @param files the model's, of which at least the config is here
   * @param configFolder where its config is taken from
   */
  static ModelFormats of(ModelSettings settings, ModelFiles files, Path configFolder) {
    LoadFormat asked = LoadFormat.parse(settings.loadFormat());
    boolean mistral = isMistral(files);
    LoadFormat weights =
        asked != LoadFormat.AUTO ? asked : mistral ? LoadFormat.MISTRAL : LoadFormat.HF;
    boolean own = configFolder.equals(files.folder());
    boolean mistralConfig =
        switch (settings.configFormat()) {
          case "hf" -> false;
          case "mistral" -> true;
          default -> own ? mistral : !Files.isRegularFile(configFolder.resolve(CONFIG));
        };
    return new ModelFormats(mistralConfig, weights);
  }

  /** The kinds of files to fetch and to look for. */
  static List<WeightKind> kinds(LoadFormat format) {
    return switch (format) {
      case AUTO, HF -> WeightKind.HUGGING_FACE;
      case SAFETENSORS -> List.of(WeightKind.SAFETENSORS);
      case NPCACHE -> List.of(WeightKind.BIN);
      case PT -> List.of(WeightKind.PT);
      case MISTRAL -> List.of(WeightKind.CONSOLIDATED);
      case DUMMY -> List.of();
    };
  }

  /**
   * Whether the model is there in Mistral's own format. One that also has {@code config.json} is
   * only taken so where it is a dense model of text. Of a repository only the config may be here
   * yet; its {@code params.json} is kept for this alone.
   */
  private static boolean isMistral(ModelFiles files) {
    List<String> names = names(files.folder());
    if (!names.contains(PARAMS)) return false;
    if (names.contains(CONFIG) && !ModelConfig.isDenseMistral(files.folder())) return false;
    boolean others = false;
    for (String name : names) {
      if (name.startsWith("consolidated") && name.endsWith(".safetensors")) return true;
      others |= name.matches(".*\\.(safetensors|bin|pt)");
    }
    return !names.contains(CONFIG) || !others && files.commit() != null;
  }

  private static List<String> names(Path folder) {
    List<String> names = new ArrayList<>();
    try (var files = Files.newDirectoryStream(folder)) {
      for (Path file : files) names.add(file.getFileName().toString());
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
    return names;
  }
}
