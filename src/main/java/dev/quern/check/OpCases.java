package dev.quern.check;

import dev.quern.backend.Activation;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.Linear;
import dev.quern.backend.Mlp;
import dev.quern.backend.Norm;
import dev.quern.backend.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What is compared: every op at odd shapes. */
final class OpCases {
  /** A body that makes inputs, runs ops and makes outputs, the same on both sides. */
  record Case(String name, Consumer<Side> body) {}

  private final List<Case> cases = new ArrayList<>();

  private OpCases() {}

  static List<Case> all(DType dtype) {
    OpCases all = new OpCases();
    all.rows();
    all.norms();
    all.activations();
    all.products();
    all.cases.addAll(AttentionCases.all(dtype));
    all.cases.addAll(SamplingCases.all());
    return all.cases;
  }

  private void add(String name, Consumer<Side> body) {
    cases.add(new Case(name, body));
  }

  private void rows() {
    add(
        "embed",
        side -> {
          Batch batch = batch(side, 17, 40);
          side.ops.embed(side.output(17, 72), side.weight(40, 72), 1.5f, batch);
        });
    add(
        "addPositions",
        side -> {
          Batch batch = batch(side, 5, 40);
          side.ops.addPositions(side.inPlace(5, 72), side.weight(64, 72), 2, batch);
        });
    add(
        "gatherRows",
        side -> side.ops.gatherRows(side.output(3, 33), side.input(17, 33), batch(side, 17, 9), 2));
    add("add", side -> side.ops.add(side.inPlace(7, 77), side.input(7, 77), 0.25f));
    add(
        "scaleSoftcap",
        side -> {
          Tensor logits = side.logits(3, 1001);
          side.backend.write(logits, side.values.uniform(3003, 60));
          side.ops.scaleSoftcap(logits, 0.5f, 30);
        });
  }

  static Batch batch(Side side, int rows, int vocabulary) {
    Batch batch = side.backend.batch(new BatchLimits(rows, rows, 4, 0));
    batch.tokens = rows;
    batch.sequences = rows;
    for (int i = 0; i < rows; i++) {
      batch.tokenIds[i] = side.values.below(vocabulary);
      batch.positions[i] = side.values.below(50);
      batch.feedRows[i] = -1;
      batch.slots[i] = -1;
      batch.seqStarts[i] = i;
      batch.kvLengths[i] = 1;
      batch.logitRows[i] = side.values.below(rows);
    }
    batch.seqStarts[rows] = rows;
    batch.logits = rows;
    side.backend.upload(batch);
    return batch;
  }

  private void norms() {
    for (Norm.Kind kind : Norm.Kind.values()) {
      for (int size : new int[] {31, 896, 8192}) {
        add(
            "norm " + kind + " " + size,
            side ->
                side.ops.norm(side.output(5, size), side.input(5, size), side.norm(kind, size)));
      }
    }
  }

  private void activations() {
    float[] numbers = {0.8f, 1.3f, 0.5f, -0.05f};
    for (Activation activation : Activation.values()) {
      boolean parameters = activation == Activation.XIELU;
      add(
          "activation " + activation,
          side ->
              side.ops.activation(
                  side.output(3, 301),
                  side.input(3, 301, 6),
                  activation,
                  parameters ? side.backend.constant("numbers", 1, 4, numbers) : null));
      if (parameters) {
        continue;
      }
      add(
          "gatedActivation " + activation,
          side -> side.ops.gatedActivation(side.output(3, 301), side.input(3, 602, 6), activation));
    }
  }

  private void products() {
    int[][] shapes = {
      {1, 64, 64},
      {1, 4864, 896},
      {3, 100, 96},
      {16, 257, 320},
      {17, 96, 1024},
      {33, 130, 72},
      {65, 320, 256},
      {300, 515, 136},
    };
    for (int[] s : shapes) {
      for (boolean bias : new boolean[] {false, true}) {
        add(
            "linear %d×%d×%d%s".formatted(s[0], s[1], s[2], bias ? " bias" : ""),
            side ->
                side.ops.linear(
                    side.output(s[0], s[1]),
                    side.input(s[0], s[2]),
                    new Linear(side.weight(s[1], s[2]), bias ? side.vector(s[1]) : null)));
      }
      add(
          "linearAdd %d×%d×%d".formatted(s[0], s[1], s[2]),
          side ->
              side.ops.linearAdd(
                  side.inPlace(s[0], s[1]),
                  side.input(s[0], s[2]),
                  new Linear(side.weight(s[1], s[2]), null),
                  0.5f,
                  side.input(s[0], s[1])));
      add(
          "mlpInner %d×%d×%d".formatted(s[0], s[1], s[2]),
          side ->
              side.ops.mlpInner(
                  side.output(s[0], s[1]),
                  side.input(s[0], s[2]),
                  side.norm(Norm.Kind.RMS, s[2]),
                  new Mlp(
                      new Linear(side.weight(2 * s[1], s[2]), null),
                      null,
                      Activation.SILU,
                      null,
                      true,
                      s[1]),
                  side.input(s[0], 2 * s[1]),
                  side.input(s[0], s[2])));
      add(
          "logits %d×%d×%d".formatted(s[0], s[1], s[2]),
          side ->
              side.ops.linear(
                  side.logits(s[0], s[1]),
                  side.input(s[0], s[2]),
                  new Linear(side.weight(s[1], s[2]), null)));
    }
  }
}
