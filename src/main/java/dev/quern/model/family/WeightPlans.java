package dev.quern.model.family;

import dev.quern.backend.Activation;
import dev.quern.model.AttentionSpec;
import dev.quern.model.LayerSpec;
import dev.quern.model.MlpSpec;
import dev.quern.model.ModelSpec;
import dev.quern.model.NormSpec;
import dev.quern.model.Slots;
import dev.quern.model.WeightPlan;
import dev.quern.model.WeightSlot;
import dev.quern.model.WeightSlot.Kind;
import dev.quern.model.WeightSlot.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Writes a model's weight plan from its spec and its family's names. */
final class WeightPlans {
  private final ModelSpec spec;
  private final TensorNames names;
  private final List<WeightSlot> slots = new ArrayList<>();

  private WeightPlans(ModelSpec spec, TensorNames names) {
    this.spec = spec;
    this.names = names;
  }

  static WeightPlan of(ModelSpec spec, TensorNames names) {
    return new WeightPlans(spec, names).plan();
  }

  private WeightPlan plan() {
    int hidden = spec.hiddenSize();
    int vocabulary = spec.vocabularySize();
    matrix(Slots.EMBED, vocabulary, hidden, whole(names.embed, vocabulary, hidden));
    if (spec.learnedPositions() > 0) {
      int rows = spec.learnedPositions();
      matrix(Slots.POSITIONS, rows, hidden, whole(names.positions, rows, hidden));
    }
    norm(Slots.EMBED_NORM, spec.embedNorm(), names.embedNorm, hidden);
    for (int i = 0; i < spec.layers().size(); i++) {
      layer(i, spec.layers().get(i));
    }
    norm(Slots.FINAL_NORM, spec.finalNorm(), names.finalNorm, hidden);
    List<Pattern> ignored = new ArrayList<>();
    for (String pattern : names.ignored) {
      ignored.add(Pattern.compile(pattern));
    }
    if (spec.tiedHead()) {
      ignored.add(Pattern.compile("^(.*\\.)?" + Pattern.quote(names.head + ".weight") + "$"));
    } else {
      matrix(Slots.HEAD, vocabulary, hidden, whole(names.head, vocabulary, hidden));
    }
    if (spec.headBias()) {
      bias(Slots.HEAD_BIAS, Source.vector(names.head + ".bias", vocabulary));
    }
    return new WeightPlan(List.copyOf(slots), List.copyOf(ignored), names.prefixes);
  }

  private void layer(int i, LayerSpec layer) {
    String prefix = names.layer.replace("{i}", Integer.toString(i));
    int hidden = spec.hiddenSize();
    norm(
        Slots.layer(i, Slots.ATTENTION_NORM),
        layer.attentionNorm(),
        prefix + names.attentionNorm,
        hidden);
    attention(i, prefix, layer.attention());
    norm(
        Slots.layer(i, Slots.POST_ATTENTION_NORM),
        layer.postAttentionNorm(),
        prefix + names.postAttentionNorm,
        hidden);
    norm(Slots.layer(i, Slots.MLP_NORM), layer.mlpNorm(), prefix + names.mlpNorm, hidden);
    mlp(i, prefix, layer.mlp());
    norm(
        Slots.layer(i, Slots.POST_MLP_NORM),
        layer.postMlpNorm(),
        prefix + names.postMlpNorm,
        hidden);
  }

  private void attention(int i, String prefix, AttentionSpec a) {
    int hidden = spec.hiddenSize();
    int q = a.heads() * a.headDim();
    int kv = a.kvHeads() * a.headDim();
    projection(Slots.layer(i, Slots.QKV), prefix, names.qkv, hidden, a.qkvBias(), a, q, kv, kv);
    if (a.ownNorms()) {
      ownNorms(Slots.layer(i, Slots.Q_NORM), prefix + names.qNorm, a.heads(), a.headDim());
      ownNorms(Slots.layer(i, Slots.K_NORM), prefix + names.kNorm, a.kvHeads(), a.headDim());
    } else {
      int dim = a.headDim();
      norm(Slots.layer(i, Slots.Q_NORM), a.qkNorm(), prefix + names.qNorm, a.wholeNorm() ? q : dim);
      norm(
          Slots.layer(i, Slots.K_NORM), a.qkNorm(), prefix + names.kNorm, a.wholeNorm() ? kv : dim);
    }
    linear(Slots.layer(i, Slots.OUT), prefix + names.out, hidden, q, a.outBias());
  }

  /** Norm weights [1,H·D], stored as [H,D] or, where the name has {h}, as one tensor a head. */
  private void ownNorms(String slot, String name, int heads, int dim) {
    List<Source> parts = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      parts.add(
          name.contains("{h}")
              ? Source.vector(name.replace("{h}", Integer.toString(h)) + ".weight", dim)
              : new Source(name + ".weight", heads, dim, h, 1, 1, 1, false));
    }
    slots.add(new WeightSlot(Slots.weight(slot), Kind.NORM, 1, heads * dim, List.copyOf(parts)));
  }

  private void mlp(int i, String prefix, MlpSpec mlp) {
    int hidden = spec.hiddenSize();
    int ffn = mlp.ffnSize();
    int[] rows = mlp.gated() ? new int[] {ffn, ffn} : new int[] {ffn};
    projection(Slots.layer(i, Slots.UP), prefix, names.up, hidden, mlp.bias(), null, rows);
    if (mlp.activation() == Activation.XIELU) {
      List<Source> numbers = new ArrayList<>();
      for (String number : new String[] {"alpha_p", "alpha_n", "beta", "eps"}) {
        numbers.add(Source.vector(prefix + names.activation + "." + number, 1));
      }
      slots.add(
          new WeightSlot(Slots.layer(i, Slots.ACTIVATION), Kind.NORM, 1, 4, List.copyOf(numbers)));
    }
    linear(Slots.layer(i, Slots.DOWN), prefix + names.down, hidden, ffn, mlp.bias());
  }

  /** A matrix that the checkpoint may store in parts, with its bias stored alike. */
  private void projection(
      String slot,
      String prefix,
      Projection stored,
      int cols,
      boolean bias,
      AttentionSpec attention,
      int... rows) {
    int total = 0;
    for (int part : rows) {
      total += part;
    }
    List<Source> matrices = new ArrayList<>();
    List<Source> vectors = new ArrayList<>();
    switch (stored) {
      case Projection.Split(String[] parts) -> {
        for (int i = 0; i < parts.length; i++) {
          matrices.add(stored(prefix + parts[i], rows[i], cols));
          vectors.add(Source.vector(prefix + parts[i] + ".bias", rows[i]));
        }
      }
      case Projection.Alternating(String q, String k, String v) -> {
        alternating(prefix + q, attention.heads(), attention.headDim(), cols, matrices, vectors);
        alternating(prefix + k, attention.kvHeads(), attention.headDim(), cols, matrices, vectors);
        matrices.add(stored(prefix + v, rows[2], cols));
        vectors.add(Source.vector(prefix + v + ".bias", rows[2]));
      }
      case Projection.Joined(String name) -> {
        matrices.add(stored(prefix + name, total, cols));
        vectors.add(Source.vector(prefix + name + ".bias", total));
      }
      case Projection.ByKvHead(String name) -> {
        int dim = attention.headDim();
        int shared = attention.heads() / attention.kvHeads();
        int first = 0;
        for (int heads : new int[] {shared, 1, 1}) {
          matrices.add(
              new Source(
                  prefix + name + ".weight",
                  total,
                  cols,
                  first,
                  heads * dim,
                  (shared + 2) * dim,
                  attention.kvHeads(),
                  false));
          vectors.add(
              new Source(
                  prefix + name + ".bias",
                  1,
                  total,
                  first,
                  heads * dim,
                  (shared + 2) * dim,
                  attention.kvHeads(),
                  true));
          first += heads * dim;
        }
      }
    }
    slots.add(new WeightSlot(slot, Kind.MATRIX, total, cols, List.copyOf(matrices)));
    if (bias) {
      slots.add(new WeightSlot(slot + ".bias", Kind.BIAS, 1, total, List.copyOf(vectors)));
    }
  }

  /** Of each head the even rows, then the odd ones. */
  private static void alternating(
      String name, int heads, int dim, int cols, List<Source> matrices, List<Source> vectors) {
    int rows = heads * dim;
    for (int half = 0; half < 2 * heads; half++) {
      int first = half / 2 * dim + half % 2;
      matrices.add(new Source(name + ".weight", rows, cols, first, 1, 2, dim / 2, false));
      vectors.add(new Source(name + ".bias", 1, rows, first, 1, 2, dim / 2, true));
    }
  }

  private void linear(String slot, String name, int rows, int cols, boolean bias) {
    matrix(slot, rows, cols, stored(name, rows, cols));
    if (bias) {
      bias(slot + ".bias", Source.vector(name + ".bias", rows));
    }
  }

  private void norm(String slot, NormSpec norm, String name, int size) {
    if (norm != null && norm.weighted()) {
      slots.add(
          new WeightSlot(
              Slots.weight(slot),
              Kind.NORM,
              1,
              size,
              List.of(Source.vector(name + ".weight", size))));
    }
    if (norm != null && norm.bias()) {
      bias(Slots.bias(slot), Source.vector(name + ".bias", size));
    }
  }

  private void matrix(String slot, int rows, int cols, Source source) {
    slots.add(new WeightSlot(slot, Kind.MATRIX, rows, cols, List.of(source)));
  }

  private void bias(String slot, Source source) {
    slots.add(new WeightSlot(slot, Kind.BIAS, 1, source.storedCols(), List.of(source)));
  }

  private static Source whole(String name, int rows, int cols) {
    return Source.whole(name + ".weight", rows, cols);
  }

  /** A layer's matrix [rows, cols], which some families store as its transpose. */
  private Source stored(String name, int rows, int cols) {
    return names.transposed
        ? new Source(name + ".weight", cols, rows, 0, rows, rows, 1, true)
        : whole(name, rows, cols);
  }
}
