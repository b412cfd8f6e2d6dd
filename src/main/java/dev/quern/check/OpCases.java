package dev.quern.check;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.Linear;
import dev.quern.backend.Mlp;
import dev.quern.backend.Norm;
import dev.quern.backend.Rope;
import dev.quern.backend.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What is compared: every op at odd shapes. */
final class OpCases {
  /** A body that makes inputs, runs ops and makes outputs, the same on both sides. */
  record Case(String name, Consumer<Side> body) {}

  private static final int ROTARY_POSITIONS = 64;

  private final List<Case> cases = new ArrayList<>();

  private OpCases() {}

  static List<Case> all(DType dtype) {
    OpCases all = new OpCases();
    all.rows();
    all.norms();
    all.activations();
    all.products();
    all.rotation();
    all.attention(dtype);
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

  private void rotation() {
    for (int dim : new int[] {64, 80, 256, 512}) {
      for (boolean interleaved : new boolean[] {false, true}) {
        for (int part : new int[] {1, 2}) {
          add(
              "qkNormRope D %d %s rotary %d"
                  .formatted(dim, interleaved ? "pairs" : "halves", dim / part),
              side -> rotate(side, dim, dim / part, interleaved, Norms.HEADS, 0));
        }
      }
    }
    add("qkNormRope whole", side -> rotate(side, 64, 64, false, Norms.WHOLE, 0));
    add("qkNormRope clamp, whole", side -> rotate(side, 64, 64, false, Norms.WHOLE, 0.5f));
    add("qkNormRope clamp, no norm", side -> rotate(side, 64, 64, false, Norms.NONE, 1));
    add("qkNormRope norms by head", side -> rotate(side, 80, 32, true, Norms.OWN, 0));
    add("qkNormRope norm last, scale", side -> rotate(side, 128, 128, false, Norms.LAST, 0));
  }

  /** Norms of q and k: with one weight for all heads, before or after the rotation, and so on. */
  private enum Norms {
    NONE,
    HEADS,
    OWN,
    WHOLE,
    LAST
  }

  private static void rotate(
      Side side, int dim, int rotary, boolean pairs, Norms norms, float clamp) {
    int heads = 6;
    int kvHeads = 2;
    int rows = 5;
    Batch batch = batch(side, rows, 9);
    Rope rope = rope(side, rotary, pairs);
    boolean wide = norms == Norms.WHOLE || norms == Norms.OWN;
    Norm.Kind kind = norms == Norms.OWN ? Norm.Kind.LAYER : Norm.Kind.RMS;
    Norm q = norms == Norms.NONE ? null : side.norm(kind, wide ? heads * dim : dim);
    Norm k = norms == Norms.NONE ? null : side.norm(kind, wide ? kvHeads * dim : dim);
    boolean last = norms == Norms.LAST;
    float[] scales = new float[64];
    for (int p = 0; p < 64; p++) {
      scales[p] = 1 + p * 0.03f;
    }
    Tensor scale = last ? side.backend.constant("scales", 64, 1, scales) : null;
    boolean whole = norms == Norms.WHOLE;
    Attention a =
        new Attention(
            null, null, heads, kvHeads, dim, 1, 0, 0, null, q, k, whole, last, clamp, rope, scale);
    side.ops.qkNormRope(side.inPlace(rows, a.qkvCols()), a, batch);
  }

  private static Rope rope(Side side, int rotary, boolean pairs) {
    float[] table = new float[ROTARY_POSITIONS * rotary];
    for (int p = 0; p < ROTARY_POSITIONS; p++) {
      for (int i = 0; i < rotary / 2; i++) {
        double angle = p * Math.pow(10000, -2.0 * i / rotary);
        table[p * rotary + i] = (float) Math.cos(angle);
        table[p * rotary + rotary / 2 + i] = (float) Math.sin(angle);
      }
    }
    return new Rope(side.backend.constant("rope", ROTARY_POSITIONS, rotary, table), rotary, pairs);
  }

  private void attention(DType dtype) {
    int[][] heads = {{4, 4}, {6, 2}, {14, 2}, {17, 1}};
    int[] dims = dtype == DType.F32 ? new int[] {64, 100} : new int[] {64, 80, 96, 128, 256, 40};
    for (int dim : dims) {
      for (int[] h : heads) {
        attention(
            "decode",
            h[0],
            h[1],
            dim,
            0,
            0,
            false,
            new int[] {0, 1, 15, 16, 333},
            new int[] {1, 1, 1, 1, 1});
        attention(
            "prefill",
            h[0],
            h[1],
            dim,
            0,
            0,
            false,
            new int[] {0, 5, 33, 0},
            new int[] {70, 1, 40, 3});
      }
      attention("mixed", 6, 2, dim, 0, 0, false, new int[] {40, 0, 5, 17}, new int[] {1, 1, 30, 1});
      attention(
          "decode window",
          6,
          2,
          dim,
          20,
          0,
          false,
          new int[] {3, 19, 100, 40},
          new int[] {1, 1, 1, 1});
      attention("prefill window", 6, 2, dim, 20, 0, false, new int[] {0, 50}, new int[] {90, 60});
      attention("decode softcap alibi", 6, 2, dim, 0, 5, true, new int[] {7, 64}, new int[] {1, 1});
      attention(
          "prefill softcap alibi", 6, 2, dim, 0, 5, true, new int[] {0, 31}, new int[] {37, 20});
      add(
          "rotateAndStore, attention D " + dim,
          side -> {
            Norm q = side.norm(Norm.Kind.RMS, dim);
            Norm k = side.norm(Norm.Kind.RMS, dim);
            Attention plain = Paged.shape(side, 6, 2, dim, 0, 0, false);
            Attention a =
                new Attention(
                    null,
                    null,
                    plain.heads(),
                    plain.kvHeads(),
                    dim,
                    plain.scale(),
                    0,
                    0,
                    null,
                    q,
                    k,
                    false,
                    false,
                    0,
                    rope(side, dim, false),
                    null);
            new Paged(side, a, new int[] {3, 16, 40}, new int[] {1, 20, 2}).runRotated(1);
          });
    }
  }

  private void attention(
      String kind,
      int heads,
      int kvHeads,
      int dim,
      int window,
      float cap,
      boolean alibi,
      int[] histories,
      int[] fresh) {
    add(
        "attention %s H %d/%d D %d".formatted(kind, heads, kvHeads, dim),
        side -> {
          Attention a = Paged.shape(side, heads, kvHeads, dim, window, cap, alibi);
          new Paged(side, a, histories, fresh).run(1);
        });
  }
}
