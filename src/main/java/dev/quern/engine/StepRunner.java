package dev.quern.engine;

import dev.quern.backend.Backend;
import dev.quern.backend.Backend.StepPart;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.Ops;
import dev.quern.backend.Step;
import dev.quern.backend.Tensor;

/**
 * The two parts of a step, forward and sample, recorded once for each batch and padded number of
 * rows. With look-ahead there are two batches, used in turn, so that one can be filled while the
 * other runs.
 */
final class StepRunner {
  private final Backend backend;
  private final ForwardModel model;
  private final BatchLimits limits;
  private final Batch[] batches;
  private final Step[][] forwards;
  private final Step[][] samples;

  StepRunner(Backend backend, ForwardModel model, BatchLimits limits, int lookAhead) {
    this.backend = backend;
    this.model = model;
    this.limits = limits;
    batches = new Batch[lookAhead + 1];
    for (int i = 0; i < batches.length; i++) batches[i] = backend.batch(limits);
    forwards = new Step[batches.length][limits.maxTokens() + 1];
    samples = new Step[batches.length][limits.maxSequences() + 1];
  }

  Batch batch(long step) {
    return batches[index(step)];
  }

  private int index(long step) {
    return (int) (step % batches.length);
  }

  int paddedTokens(int tokens) {
    return Math.min(backend.stepRows(tokens), limits.maxTokens());
  }

  void launchForward(long step) {
    int at = index(step);
    Batch batch = batches[at];
    int rows = paddedTokens(batch.tokens);
    if (batch.logits > batch.sampledRows) {
      // The number of prompt rows is part of the step, so it is not worth recording.
      forward(at, rows);
      return;
    }
    Step[] recorded = forwards[at];
    if (recorded[rows] == null)
      recorded[rows] = backend.capture(StepPart.FORWARD, rows, () -> forward(at, rows));
    recorded[rows].launch();
  }

  private void forward(int at, int rows) {
    Batch batch = batches[at];
    if (batches.length > 1) backend.ops().feedTokens(batch, batches[1 - at]);
    model.forward(batch, rows);
  }

  void launchSample(long step) {
    int at = index(step);
    Batch batch = batches[at];
    if (batch.sampledRows == 0) return;
    if (batch.logits > batch.sampledRows) {
      // No padding: the rows that would pad are those of the prompt.
      sample(at, batch.sampledRows);
      return;
    }
    int rows = Math.min(backend.stepRows(batch.sampledRows), limits.maxSequences());
    Step[] recorded = samples[at];
    if (recorded[rows] == null)
      recorded[rows] = backend.capture(StepPart.SAMPLE, rows, () -> sample(at, rows));
    recorded[rows].launch();
  }

  private void sample(int at, int rows) {
    Batch batch = batches[at];
    Ops ops = backend.ops();
    Tensor logits = model.logits(batch, rows);
    ops.logprobs(logits, batch, 0);
    ops.maskLogits(logits, batch);
    ops.applyPenalties(logits, batch);
    ops.sample(logits, batch);
    ops.chosenLogprobs(batch);
  }
}
