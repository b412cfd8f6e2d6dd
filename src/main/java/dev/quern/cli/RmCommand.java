package dev.quern.cli;

import dev.quern.cache.ModelFinder;
import dev.quern.hub.CachedModel;
import dev.quern.hub.ModelLocator;
import dev.quern.settings.Nearest;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Deletes models from the Hugging Face cache. */
@Command(
    name = "rm",
    abbreviateSynopsis = true,
    description =
        "Deletes models, with all their revisions, from the Hugging Face cache, which other"
            + " programs use too.%n",
    footer = {"", "Exit codes: 0 every model was deleted, 1 one was not there, 2 wrong usage."})
final class RmCommand implements SettingsCommand {
  private final SettingsOptions settings =
      new SettingsOptions("Chat", "Engine", "Device and memory", "Server");

  @Mixin CommonOptions common;

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "models, as 'quern models' lists")
  List<String> names;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() {
    ModelLocator locator = ModelFinder.offline(settings.load()).locator();
    boolean all = true;
    for (String name : names) {
      CachedModel model = find(name, locator.cached());
      if (model != null && locator.remove(name)) {
        System.out.printf("removed %s (%s)%n", name, Sizes.text(model.bytes()));
      } else {
        System.err.println("quern rm: " + absent(name, locator));
        all = false;
      }
    }
    return all ? 0 : 1;
  }

  private static CachedModel find(String name, List<CachedModel> cached) {
    for (CachedModel model : cached) {
      if (model.name().equals(name)) {
        return model;
      }
    }
    return null;
  }

  private static String absent(String name, ModelLocator locator) {
    if (ModelLocator.builtIn().contains(name)) {
      return name + " is built in and cannot be removed";
    }
    String nearest = Nearest.to(name, new ArrayList<>(locator.cachedNames()));
    return "%s is not in the cache %s%s"
        .formatted(
            name, locator.cacheFolder(), nearest == null ? "" : "; did you mean " + nearest + "?");
  }
}
