package dev.quern.cli;

import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.settings.QuernConfig;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Serves a model over HTTP. The model loads while the server starts. */
@Command(
    name = "serve",
    abbreviateSynopsis = true,
    description = "Serves a model over HTTP as OpenAI's API does.%n")
final class ServeCommand implements SettingsCommand {
  private final SettingsOptions settings = new SettingsOptions();

  @Mixin CommonOptions common;

  @Parameters(
      paramLabel = "MODEL",
      arity = "0..1",
      description = "built-in id, folder, or Hugging Face name; as --model")
  String model;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() {
    settings.set("model", model);
    QuernConfig config = settings.load();
    return Server.serve(config, loading(config), uri -> {});
  }

  /** The model, coming in on a thread of its own. */
  static CompletableFuture<LoadedModel> loading(QuernConfig config) {
    return CompletableFuture.supplyAsync(
        () -> ModelCache.load(config, false), Thread.ofPlatform().daemon().name("load")::start);
  }
}
