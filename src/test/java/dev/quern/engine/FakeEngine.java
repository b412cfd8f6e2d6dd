package dev.quern.engine;

import dev.quern.settings.EngineSettings;
import dev.quern.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** An engine over a {@link FakeModel}, with settings to vary. */
final class FakeEngine {
  static final int VOCABULARY = 64;
  static final int[] EOS = {3, 5};

  int maxModelLen = 80;
  int maxNumSeqs = 4;
  int maxNumBatchedTokens = 32;
  int blockTokens = 8;
  int kvBlocks = 200;
  boolean prefixCaching = true;
  boolean chunkedPrefill = true;
  int lookAhead;
  int maxLogprobs = 20;
  int maxQueuedRequests;
  long seed = 99;
  int padding = 1;
  int vocabulary = VOCABULARY;
  int[] eos = EOS;
  Tokenizer tokenizer;
  FakeDevice device;
  FakeModel model;

  Engine start() {
    EngineGroup.Member member = member();
    return new Engine(settings(), member.model(), member.backend(), tokenizer, eos);
  }

  /** Several engines behind one queue; {@link #model} is the last one's. */
  EngineGroup startGroup(int engines) {
    List<EngineGroup.Member> members = new ArrayList<>();
    for (int i = 0; i < engines; i++) members.add(member());
    return new EngineGroup(settings(), members, tokenizer, eos);
  }

  private EngineGroup.Member member() {
    device = new FakeDevice(lookAhead, padding);
    model = new FakeModel(device, vocabulary, blockTokens, kvBlocks, maxNumSeqs);
    return new EngineGroup.Member(model, device);
  }

  private EngineSettings settings() {
    return new EngineSettings(
        maxModelLen,
        maxNumSeqs,
        maxNumBatchedTokens,
        blockTokens,
        kvBlocks,
        prefixCaching,
        chunkedPrefill,
        lookAhead,
        maxLogprobs,
        maxQueuedRequests,
        seed);
  }

  Reference reference(Request request, long itsSeed) {
    return new Reference(
        request.promptTokens(), request.params(), itsSeed, eos, vocabulary, maxModelLen);
  }

  static Request request(int[] prompt, SamplingParamsBuilder params) {
    return new Request("test", prompt, params.build(), null);
  }

  /** Submits one request and waits for its result. */
  static GenerationResult run(Engine engine, int[] prompt, SamplingParamsBuilder params) {
    return await(engine.submit(request(prompt, params), null));
  }

  static GenerationResult await(Generation generation) {
    try {
      return generation.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits for the last step in flight, which comes home after the results are out. */
  static EngineStats idle(Engine engine) {
    while (engine.stats().kvBlocksUsed() > 0) Thread.onSpinWait();
    return engine.stats();
  }

  /** Keeps what a listener is told. */
  static final class Recorder implements GenerationListener {
    final List<Delta> deltas = new ArrayList<>();
    final List<GenerationResult> results = new ArrayList<>();
    final List<RuntimeException> errors = new ArrayList<>();

    @Override
    public synchronized void onDelta(Delta delta) {
      deltas.add(delta);
    }

    @Override
    public synchronized void onDone(GenerationResult result) {
      results.add(result);
    }

    @Override
    public synchronized void onError(RuntimeException error) {
      errors.add(error);
    }
  }
}
