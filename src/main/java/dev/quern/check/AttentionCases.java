package dev.quern.check;

import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.DType;
import dev.quern.backend.Norm;
import dev.quern.backend.Rope;
import dev.quern.backend.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Rotation of queries and keys, the paged cache, and attention over it, at odd shapes. */
final class AttentionCases {
  private static final int ROTARY_POSITIONS = 64;

  private final List<OpCases.Case> cases = new ArrayList<>();

  private AttentionCases() {}

  static List<OpCases.Case> all(DType dtype) {
    AttentionCases all = new AttentionCases();
    all.rotation();
    all.attention(dtype);
    return all.cases;
  }

  private void add(String name, Consumer<Side> body) {
    cases.add(new OpCases.Case(name, body));
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
    Batch batch = OpCases.batch(side, rows, 9);
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
