package dev.quern.api;

import dev.quern.engine.CapacityException;
import dev.quern.engine.Delta;
import dev.quern.engine.EngineLostException;
import dev.quern.engine.EngineStats;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.Generator;
import dev.quern.engine.Request;
import dev.quern.settings.EngineSettings;

/** An engine that fails when a request's {@code cache_salt} asks for it. */
record TroubleEngine(Generator real) implements Generator {
  static final String FULL = "the queue is full";
  static final String LOST = "the engine is lost";
  static final String BUG = "something unforeseen";
  static final String BREAKS = "the engine breaks after three deltas";

  @Override
  public Generation submit(Request request, GenerationListener listener) {
    return switch (request.cacheSalt()) {
      case FULL -> throw new CapacityException("the queue is full: 7 wait");
      case LOST -> throw new EngineLostException("the engine has failed", null);
      case BUG -> throw new IllegalStateException("secret detail");
      case BREAKS -> real.submit(request, new Breaking(listener));
      case null, default -> real.submit(request, listener);
    };
  }

  private static final class Breaking implements GenerationListener {
    private final GenerationListener to;
    private int deltas;

    Breaking(GenerationListener to) {
      this.to = to;
    }

    @Override
    public void onDelta(Delta delta) {
      deltas++;
      if (deltas <= 3) to.onDelta(delta);
      if (deltas == 4) to.onError(new EngineLostException("the engine broke", null));
    }

    @Override
    public void onDone(GenerationResult result) {}

    @Override
    public void onError(RuntimeException error) {}
  }

  @Override
  public EngineSettings settings() {
    return real.settings();
  }

  @Override
  public EngineStats stats() {
    return real.stats();
  }

  @Override
  public boolean isAlive() {
    return real.isAlive();
  }
}
