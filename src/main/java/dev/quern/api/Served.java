package dev.quern.api;

import dev.quern.engine.ServedModel;
import dev.quern.openai.ApiException;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * The model behind the server. Whoever starts the server calls {@link #open} once.
 *
 * <p>The port may be open before the model is loaded: until then health says 503, and requests
 * wait, so that a client that wakes a sleeping function gets its answer and no error. When loading
 * fails they get a 503.
 */
@Singleton
public final class Served {
  private final CompletableFuture<ServedModel> model = new CompletableFuture<>();
  private volatile ApiSettings settings;
  private volatile long loadedSeconds;

  /**
   * @param loading completes with the model, or with the reason why there is none
   */
  public void open(ApiSettings apiSettings, CompletionStage<ServedModel> loading) {
    settings = apiSettings;
    loading.whenComplete(
        (loaded, failure) -> {
          loadedSeconds = System.currentTimeMillis() / 1000;
          if (failure == null) model.complete(loaded);
          else model.completeExceptionally(unwrapped(failure));
        });
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Null until {@link #open}. */
  ApiSettings settings() {
    return settings;
  }

  /** When the model was loaded, in seconds since 1970. */
  long loadedSeconds() {
    return loadedSeconds;
  }

  /**
   * Waits until the model is loaded.
   *
   * @throws ApiException (503) when loading failed
   */
  ServedModel await() throws InterruptedException {
    try {
      return model.get();
    } catch (ExecutionException e) {
      throw ApiException.unavailable("The model could not be loaded: " + e.getCause().getMessage());
    }
  }

  /** The model, or null while it loads or where there is none. */
  ServedModel now() {
    return model.isDone() && !model.isCompletedExceptionally() ? model.join() : null;
  }

  /**
   * @throws ApiException (503) unless requests are answered
   */
  void requireReady() {
    if (model.isCompletedExceptionally())
      throw ApiException.unavailable("The model could not be loaded");
    ServedModel loaded = now();
    if (loaded == null) throw ApiException.unavailable("The model is loading");
    if (!loaded.engine().isAlive()) throw ApiException.unavailable("The engine has failed");
  }
}
