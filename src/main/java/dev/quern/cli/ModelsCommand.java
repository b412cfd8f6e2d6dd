package dev.quern.cli;

import dev.quern.cache.FoundModel;
import dev.quern.cache.ModelFinder;
import dev.quern.hub.CachedModel;
import dev.quern.hub.HubException;
import dev.quern.hub.ModelFiles;
import dev.quern.hub.ModelLocator;
import dev.quern.model.ModelConfigException;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightSlot;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists the models on this machine and says of each whether Quern runs it. */
@Command(
    name = "models",
    abbreviateSynopsis = true,
    description = {
      "Lists the models on this machine, or those named, and whether Quern runs them. Of models in",
      "the Hugging Face cache also how much they take there and which commit it is.%n"
    })
final class ModelsCommand implements SettingsCommand {
  private static final int COMMIT_CHARS = 12;

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
    ModelFinder finder = ModelFinder.offline(settings.load());
    List<CachedModel> cached = finder.locator().cached();
    boolean allRun = true;
    if (names != null) {
      for (String name : names) {
        allRun &= print(name, find(name, cached), finder, () -> finder.look(name));
      }
      return allRun ? 0 : 1;
    }
    for (String name : ModelLocator.builtIn()) {
      print(name, null, finder, () -> finder.look(name));
    }
    for (CachedModel model : cached) {
      print(model.name(), model, finder, () -> look(model, finder));
    }
    return 0;
  }

  private static CachedModel find(String name, List<CachedModel> cached) {
    return cached.stream().filter(model -> model.name().equals(name)).findFirst().orElse(null);
  }

  private static FoundModel look(CachedModel model, ModelFinder finder) {
    return model.folder() == null
        ? finder.look(model.name())
        : finder.look(new ModelFiles(model.name(), model.folder(), model.commit(), false));
  }

  private static boolean print(
      String name, CachedModel cached, ModelFinder finder, Supplier<FoundModel> look) {
    String verdict;
    String commit = cached == null ? null : cached.commit();
    boolean runs = true;
    try {
      FoundModel model = look.get();
      commit = model.files().commit();
      verdict = describe(model, finder.isComplete(model));
    } catch (HubException | ModelConfigException e) {
      runs = false;
      verdict = "no: " + e.getMessage();
    }
    System.out.printf(
        "%-40s %9s  %-12s  %s%n",
        name,
        cached == null ? "-" : Sizes.text(cached.bytes()),
        commit == null ? "-" : commit.substring(0, COMMIT_CHARS),
        verdict);
    return runs;
  }

  private static String describe(FoundModel model, boolean complete) {
    ModelSpec spec = model.description().spec();
    long parameters = 0;
    for (WeightSlot slot : model.description().weights().slots()) {
      parameters += (long) slot.rows() * slot.cols();
    }
    String what =
        "%s, %s parameters, %d tokens"
            .formatted(spec.architecture(), millions(parameters), spec.contextTokens());
    return complete
        ? "runs: %s, %s".formatted(what, model.files().folder())
        : "runs, once 'quern pull %s' has fetched the rest of it: %s"
            .formatted(model.files().name(), what);
  }

  private static String millions(long count) {
    return count >= 1_000_000_000
        ? String.format(Locale.ROOT, "%.1fB", count / 1e9)
        : String.format(Locale.ROOT, "%.0fM", count / 1e6);
  }
}
