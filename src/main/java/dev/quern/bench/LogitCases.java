package dev.quern.bench;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.Ops;
import dev.quern.backend.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** What comes after the last layer, on logits [R,V] in fp32. */
final class LogitCases {
  private static final int ALTERNATIVES = 20;

  private final KernelSizes z;
  private final List<KernelCase> cases = new ArrayList<>();

  private LogitCases(KernelSizes sizes) {
    z = sizes;
  }

  static List<KernelCase> all(KernelSizes sizes) {
    LogitCases all = new LogitCases(sizes);
    all.add(
        "scaleSoftcap", 2, batch -> {}, (ops, logits, batch) -> ops.scaleSoftcap(logits, 1, 30));
    all.add("maskLogits", 1, all::allowOne, (ops, logits, batch) -> ops.maskLogits(logits, batch));
    all.add(
        "applyPenalties of %d tokens".formatted(sizes.context()),
        0,
        all::penalise,
        (ops, logits, batch) -> ops.applyPenalties(logits, batch));
    Call sample = (ops, logits, batch) -> ops.sample(logits, batch);
    all.add("sample, greedy", 1, batch -> Arrays.fill(batch.sampling.temperature, 0), sample);
    all.add("sample", 1, batch -> {}, sample);
    all.add("sample, top_k 50", 1, batch -> Arrays.fill(batch.sampling.topK, 50), sample);
    all.add("sample, top_p 0.9", 1, batch -> Arrays.fill(batch.sampling.topP, 0.9f), sample);
    all.add(
        "sample, top_k 50, top_p 0.9",
        1,
        batch -> {
          Arrays.fill(batch.sampling.topK, 50);
          Arrays.fill(batch.sampling.topP, 0.9f);
        },
        sample);
    Call logprobs = (ops, logits, batch) -> ops.logprobs(logits, batch, 0);
    all.add("logprobs", 2, batch -> Arrays.fill(batch.sampling.logprobs, 0), logprobs);
    all.add(
        "logprobs, %d alternatives".formatted(ALTERNATIVES),
        2,
        batch -> Arrays.fill(batch.sampling.logprobs, ALTERNATIVES),
        logprobs);
    all.add(
        "logprobs, sample, chosenLogprobs",
        4,
        batch -> {
          Arrays.fill(batch.sampling.temperature, 0);
          Arrays.fill(batch.sampling.logprobs, 0);
        },
        (ops, logits, batch) -> {
          ops.logprobs(logits, batch, 0);
          ops.sample(logits, batch);
          ops.chosenLogprobs(batch);
        });
    return all.cases;
  }

  /** Calls of an op. */
  private interface Call {
    void run(Ops ops, Tensor logits, Batch batch);
  }

  /**
   * @param passes how often the logits must go to or from memory
   */
  private void add(String name, int passes, Consumer<Batch> settings, Call call) {
    int rows = z.rows();
    double bytes = 4.0 * passes * rows * z.vocabulary();
    cases.add(
        new KernelCase(
            "%s %d × %d".formatted(name, rows, z.vocabulary()),
            new Work(bytes, 0),
            backend -> {
              Batch batch = sampled(backend);
              settings.accept(batch);
              Tensor logits = backend.logits(rows, z.vocabulary());
              backend.write(logits, random(rows * z.vocabulary()));
              return new KernelCase.Prepared(
                  batch, () -> call.run(backend.ops(), logits, batch), null);
            }));
  }

  private Batch sampled(Backend backend) {
    int rows = z.rows();
    Batch batch = backend.batch(new BatchLimits(rows, rows, 1, ALTERNATIVES));
    batch.tokens = rows;
    batch.sampledRows = rows;
    batch.logits = rows;
    Arrays.fill(batch.sampling.temperature, 1);
    batch.sampling.switchOff();
    for (int row = 0; row < rows; row++) {
      batch.sampling.seed[row] = row;
    }
    return batch;
  }

  /** The most work: all other ids are written. */
  private void allowOne(Batch batch) {
    long[] one = new long[Math.ceilDiv(z.vocabulary(), Long.SIZE)];
    one[0] = 1;
    Arrays.fill(batch.sampling.allowed, 0, z.rows(), one);
  }

  private void penalise(Batch batch) {
    int[] history = new int[z.context()];
    for (int i = 0; i < history.length; i++) {
      history[i] = (int) (i * 7919L % z.vocabulary());
    }
    for (int row = 0; row < z.rows(); row++) {
      batch.sampling.history[row] = history;
      batch.sampling.historyLength[row] = history.length;
      batch.sampling.promptLength[row] = history.length / 2;
      batch.sampling.repetitionPenalty[row] = 1.1f;
      batch.sampling.presencePenalty[row] = 0.1f;
    }
  }

  /** Uniform in ±4. */
  static float[] random(int count) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt() * 0x1p-29f;
    }
    return values;
  }
}
