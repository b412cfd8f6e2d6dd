package dev.quern.cli;

import dev.quern.hub.HubException;
import dev.quern.hub.ModelFiles;
import dev.quern.hub.ModelLocator;
import dev.quern.hub.Part;
import dev.quern.model.ModelConfig;
import dev.quern.model.ModelConfigException;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightSlot;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import dev.quern.settings.QuernConfig;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists the models on this machine and says of each whether Quern runs it. */
@Command(
    name = "models",
    abbreviateSynopsis = true,
    description = "Lists the models on this machine, or those named, and whether Quern runs them.")
final class ModelsCommand implements SettingsCommand {
  private final SettingsOptions settings =
      new SettingsOptions("Chat", "Engine", "Device and memory", "Server");

  @Mixin CommonOptions common;

  @Parameters(
      paramLabel = "MODEL",
      arity = "0..*",
      description = "models to look at; none = built-in and cached ones")
  List<String> names;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() {
    QuernConfig config = settings.load();
    ModelLocator locator = locator(config);
    boolean allRun = true;
    for (String name : names(locator)) {
      boolean runs = true;
      String verdict;
      try {
        String revision = config.model().revision().orElse(null);
        verdict = describe(locator.locate(name, revision, EnumSet.of(Part.CONFIG)), config);
      } catch (HubException | ModelConfigException e) {
        runs = false;
        verdict = "no: " + e.getMessage();
      }
      System.out.printf("%-40s %s%n", name, verdict);
      allRun &= runs;
    }
    return names == null || allRun ? 0 : 1;
  }

  private List<String> names(ModelLocator locator) {
    if (names != null) {
      return names;
    }
    var all = new ArrayList<>(ModelLocator.builtIn());
    all.addAll(locator.cachedNames());
    return all;
  }

  /** Of what is on this machine: nothing is fetched to be looked at. */
  private static ModelLocator locator(QuernConfig config) {
    Map<String, String> variables = new HashMap<>(System.getenv());
    variables.put("HF_HUB_OFFLINE", "1");
    config.model().downloadDir().ifPresent(folder -> variables.put("HF_HUB_CACHE", folder));
    return ModelLocator.of(variables);
  }

  private static String describe(ModelFiles files, QuernConfig config) {
    ModelConfig json = ModelConfig.read(files.folder(), config.model().hfOverrides().orElse(null));
    Description description =
        Families.describe(json, new SpecOptions(config.model().dtype(), null, 0));
    ModelSpec spec = description.spec();
    long parameters = 0;
    for (WeightSlot slot : description.weights().slots()) {
      parameters += (long) slot.rows() * slot.cols();
    }
    return "runs: %s, %s parameters, %d tokens, %s"
        .formatted(spec.architecture(), millions(parameters), spec.contextTokens(), files.folder());
  }

  private static String millions(long count) {
    return count >= 1_000_000_000 ? "%.1fB".formatted(count / 1e9) : "%.0fM".formatted(count / 1e6);
  }
}
