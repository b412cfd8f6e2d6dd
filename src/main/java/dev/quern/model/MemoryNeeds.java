package dev.quern.model;

import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvLayout;
import java.util.HashSet;
import java.util.Set;

/**
 * What a model takes of a device's memory, by arithmetic from its spec, before anything is
 * allocated.
 *
 * @param weightBytes weights in their dtype, vectors in float32
 * @param tableBytes rotary tables and query scales
 * @param kv layout of the KV cache, which knows the bytes of a block
 * @param workspaceBytes activations and logits of the largest step
 */
public record MemoryNeeds(long weightBytes, long tableBytes, KvLayout kv, long workspaceBytes) {
  /** Logits beyond the sampled rows' are kept to this size. */
  private static final long EXTRA_LOGIT_BYTES = 64L << 20;

  private static final int EXTRA_LOGIT_ROWS = 32;

  /**
   * @param blockTokens tokens of a KV block
   * @param kvDtype element type of the KV cache
   */
  public static MemoryNeeds of(
      ModelSpec spec, WeightPlan plan, BatchLimits limits, int blockTokens, DType kvDtype) {
    try {
      return new MemoryNeeds(
          weightBytes(spec, plan),
          tableBytes(spec),
          kvLayout(spec, blockTokens, kvDtype),
          workspaceBytes(spec, limits, kvDtype.bytes()));
    } catch (ArithmeticException e) {
      throw new ModelConfigException(spec.architecture() + ": its sizes are beyond all memory", e);
    }
  }

  /** Layout of the KV cache; all layers have equal heads. */
  public static KvLayout kvLayout(ModelSpec spec, int blockTokens, DType kvDtype) {
    AttentionSpec first = spec.layers().getFirst().attention();
    for (LayerSpec layer : spec.layers()) {
      AttentionSpec attention = layer.attention();
      if (attention.kvHeads() != first.kvHeads() || attention.headDim() != first.headDim()) {
        throw new ModelConfigException(
            spec.architecture() + ": layers with different KV heads are not supported");
      }
    }
    return new KvLayout(
        spec.layers().size(), first.kvHeads(), first.headDim(), blockTokens, kvDtype);
  }

  private static long weightBytes(ModelSpec spec, WeightPlan plan) {
    long bytes = 0;
    for (WeightSlot slot : plan.slots()) {
      int elementBytes =
          slot.kind() == WeightSlot.Kind.MATRIX ? spec.dtype().bytes() : DType.F32.bytes();
      long elements = Math.multiplyExact((long) slot.rows(), (long) slot.cols());
      bytes = Math.addExact(bytes, Math.multiplyExact(elements, (long) elementBytes));
    }
    return bytes;
  }

  private static long tableBytes(ModelSpec spec) {
    long bytes = 0;
    for (int i = 0; i < spec.layers().size(); i++) {
      RopeSpec rope = spec.layers().get(i).attention().rope();
      boolean seen = rope == null;
      for (int j = 0; j < i && !seen; j++) {
        RopeSpec other = spec.layers().get(j).attention().rope();
        seen = other != null && other.sameTable(rope);
      }
      if (!seen) {
        bytes += 4L * spec.contextTokens() * rope.rotaryDim();
      }
    }
    Set<QueryScale> scales = new HashSet<>();
    for (LayerSpec layer : spec.layers()) {
      if (layer.attention().queryScale() != null && scales.add(layer.attention().queryScale())) {
        bytes += 4L * spec.contextTokens();
      }
    }
    return bytes;
  }

  /** Activations have the type of keys and values, logits are fp32. */
  private static long workspaceBytes(ModelSpec spec, BatchLimits limits, long elementBytes) {
    Widths widths = Widths.of(spec);
    long rowBytes =
        elementBytes
            * (3L * spec.hiddenSize()
                + widths.qkv()
                + widths.attended()
                + widths.up()
                + widths.ffn());
    long logitRowBytes = elementBytes * spec.hiddenSize() + 4L * spec.vocabularySize();
    return Math.addExact(
        Math.multiplyExact(rowBytes, (long) limits.maxTokens()),
        Math.multiplyExact(logitRowBytes, (long) logitRows(spec, limits)));
  }

  /**
   * Rows of the logits buffer: all rows that may be sampled at once, and not fewer than {@value
   * #EXTRA_LOGIT_ROWS} as far as they take little memory, since prompt logprobs pass through the
   * same buffer chunk by chunk and a chunk of one row would read the whole head for it.
   */
  public static int logitRows(ModelSpec spec, BatchLimits limits) {
    int sampled = Math.max(1, Math.min(limits.maxSequences(), limits.maxTokens()));
    long affordable = EXTRA_LOGIT_BYTES / (4L * spec.vocabularySize());
    int chunk = (int) Math.min(Math.min(EXTRA_LOGIT_ROWS, limits.maxTokens()), affordable);
    return Math.max(sampled, chunk);
  }

  /** Columns of the widest layer's activations. */
  record Widths(int qkv, int attended, int up, int ffn) {
    static Widths of(ModelSpec spec) {
      int qkv = 0;
      int attended = 0;
      int up = 0;
      int ffn = 0;
      for (LayerSpec layer : spec.layers()) {
        AttentionSpec a = layer.attention();
        MlpSpec mlp = layer.mlp();
        qkv = Math.max(qkv, (a.heads() + 2 * a.kvHeads()) * a.headDim());
        attended = Math.max(attended, a.heads() * a.headDim());
        up = Math.max(up, mlp.gated() ? 2 * mlp.ffnSize() : mlp.ffnSize());
        ffn = Math.max(ffn, mlp.ffnSize());
      }
      return new Widths(qkv, attended, up, ffn);
    }
  }
}
