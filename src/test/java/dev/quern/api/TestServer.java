package dev.quern.api;

import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.engine.ServedModel;
import dev.quern.openai.Policy;
import dev.quern.settings.Settings;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Puts the built-in model behind the server that all tests of this package share. */
@Singleton
class TestServer {
  static final String MODEL = "quern/tales-5m";
  static final String ALIAS = "tales";
  static final String KEY = "first-key";
  static final String OTHER_KEY = "other-key";

  private LoadedModel loaded;

  void start(@Observes StartupEvent event, Served served) {
    loaded =
        ModelCache.load(
            Settings.load(Map.of("model", MODEL, "served-model-name", MODEL + "," + ALIAS)), false);
    ServedModel real = loaded.served();
    ServedModel model =
        new ServedModel(
            real.names(),
            real.root(),
            new TroubleEngine(real.engine()),
            real.tokenizer(),
            real.chatTemplates(),
            real.defaults(),
            real.maxModelLen(),
            null);
    served.open(
        new ApiSettings(List.of(KEY, OTHER_KEY), Policy.DEFAULT),
        CompletableFuture.completedFuture(model));
  }

  void stop(@Observes ShutdownEvent event) {
    if (loaded != null) loaded.close();
  }
}
