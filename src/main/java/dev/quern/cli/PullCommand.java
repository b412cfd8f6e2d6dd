package dev.quern.cli;

import dev.quern.cache.FoundModel;
import dev.quern.cache.ModelFinder;
import dev.quern.hub.HubException;
import dev.quern.model.ModelConfigException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Fetches models into the Hugging Face cache. */
@Command(
    name = "pull",
    abbreviateSynopsis = true,
    description = {
      "Fetches models of the Hugging Face hub into its cache, the newest commit of --revision, and",
      "prints their folders. Of a model that Quern cannot run, no weights are fetched.%n"
    },
    footer = {"", "Exit codes: 0 every model is here, 1 one is not, 2 wrong usage."})
final class PullCommand implements SettingsCommand {
  private final SettingsOptions settings =
      new SettingsOptions("Chat", "Engine", "Device and memory", "Server");

  @Mixin CommonOptions common;

  @Parameters(
      paramLabel = "NAME",
      arity = "1..*",
      description = "models on the hub, such as Qwen/Qwen2-7B")
  List<String> names;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() {
    ModelFinder finder = ModelFinder.of(settings.load());
    boolean all = true;
    for (String name : names) {
      try {
        FoundModel model = finder.pull(name);
        System.err.printf(
            "quern pull: %s is here: %s, commit %s%n",
            name, model.description().spec().architecture(), model.files().commit());
        System.out.println(model.files().folder());
      } catch (HubException | ModelConfigException e) {
        System.err.println("quern pull: " + e.getMessage());
        all = false;
      }
    }
    return all ? 0 : 1;
  }
}
