package dev.quern.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.engine.EngineStats;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.Generator;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.ServedModel;
import dev.quern.openai.ApiException;
import dev.quern.openai.Policy;
import dev.quern.settings.EngineSettings;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Health and waiting from the opened port to the lost engine. */
@Timeout(20)
class ServedTest {
  private static final ApiSettings SETTINGS = new ApiSettings(List.of(), Policy.DEFAULT);

  private record Switch(AtomicBoolean alive) implements Generator {
    @Override
    public Generation submit(Request request, GenerationListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EngineSettings settings() {
      return null;
    }

    @Override
    public EngineStats stats() {
      return null;
    }

    @Override
    public boolean isAlive() {
      return alive.get();
    }
  }

  private static ApiException refused(Served served) {
    ApiException refused = assertThrows(ApiException.class, served::requireReady);
    assertEquals(503, refused.error().code());
    return refused;
  }

  @Test
  void requestsWaitForTheModelAndHealthFollowsTheEngine() throws Exception {
    AtomicBoolean alive = new AtomicBoolean(true);
    ServedModel model =
        new ServedModel(
            List.of("m"), "m", new Switch(alive), null, null, SamplingDefaults.NONE, 16, null);
    Served served = new Served();
    assertNull(served.settings(), "nothing is let in before the keys are known");
    CompletableFuture<ServedModel> loading = new CompletableFuture<>();
    served.open(SETTINGS, loading);
    refused(served);
    CompletableFuture<ServedModel> waiting = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                waiting.complete(served.await());
              } catch (InterruptedException e) {
                waiting.completeExceptionally(e);
              }
            });
    assertFalse(waiting.isDone());
    loading.complete(model);
    assertSame(model, waiting.get());
    served.requireReady();
    alive.set(false);
    refused(served);
  }

  @Test
  void failedLoadingIsTold() {
    Served served = new Served();
    CompletableFuture<ServedModel> loading = new CompletableFuture<>();
    // As whoever derives the model from a wider result hands it on.
    served.open(SETTINGS, loading.thenApply(model -> model));
    loading.completeExceptionally(new IllegalArgumentException("no such model"));
    ApiException refused = assertThrows(ApiException.class, served::await);
    assertEquals(503, refused.error().code());
    assertTrue(refused.getMessage().contains("no such model"), refused.getMessage());
    refused(served);
  }
}
