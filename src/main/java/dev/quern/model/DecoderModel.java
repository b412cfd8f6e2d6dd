package dev.quern.model;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.KvCache;
import dev.quern.backend.Layer;
import dev.quern.backend.Linear;
import dev.quern.backend.Norm;
import dev.quern.backend.Ops;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.Workspace;
import dev.quern.model.MemoryNeeds.Widths;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder-only language model bound to a backend: the one forward pass of all families, whose
 * differences are data in {@link ModelSpec}.
 *
 * <p>A step is {@link #forward}, then {@link #logits} and {@link #sample} for the rows that are
 * sampled from. All buffers are allocated here, once, at the sizes that {@link MemoryNeeds} counts.
 * Rows of prompt logprobs go through the logits buffer chunk by chunk within {@code forward}, and
 * the sampled rows come last, so that theirs are the logits that stay for {@code sample}.
 */
public final class DecoderModel {
  private final ModelSpec spec;
  private final Ops ops;
  private final Weight embed;
  private final Weight positions;
  private final Norm embedNorm;
  private final List<Layer> layers;
  private final Norm finalNorm;
  private final Linear head;
  private final Workspace workspace;

  /** [R,E] the rows whose logits are wanted. */
  private final Tensor gathered;

  /** [R,V] */
  private final Tensor logits;

  private DecoderModel(ModelSpec spec, BoundWeights weights, Backend backend, BatchLimits limits) {
    this.spec = spec;
    this.ops = backend.ops();
    LayerBinder binder = new LayerBinder(backend, weights, spec.contextTokens());
    embed = binder.matrix(Slots.EMBED);
    positions = spec.learnedPositions() > 0 ? binder.matrix(Slots.POSITIONS) : null;
    embedNorm = binder.norm(Slots.EMBED_NORM, spec.embedNorm());
    List<Layer> bound = new ArrayList<>();
    for (int i = 0; i < spec.layers().size(); i++) {
      bound.add(binder.layer(i, spec.layers().get(i)));
    }
    layers = List.copyOf(bound);
    finalNorm = binder.norm(Slots.FINAL_NORM, spec.finalNorm());
    head =
        binder.linear(
            spec.tiedHead() ? Slots.EMBED : Slots.HEAD, spec.headBias() ? Slots.HEAD_BIAS : null);

    int tokens = limits.maxTokens();
    int hidden = spec.hiddenSize();
    Widths widths = Widths.of(spec);
    workspace =
        new Workspace(
            backend.activation("x", tokens, hidden),
            backend.activation("normed", tokens, hidden),
            backend.activation("qkv", tokens, widths.qkv()),
            backend.activation("attended", tokens, widths.attended()),
            backend.activation("delta", tokens, hidden),
            backend.activation("wide", tokens, widths.up()),
            backend.activation("activated", tokens, widths.ffn()));
    int logitRows = MemoryNeeds.logitRows(spec, limits);
    gathered = backend.activation("gathered", logitRows, hidden);
    logits = backend.logits(logitRows, spec.vocabularySize());
  }

  /**
   * Binds a model.
   *
   * @param weights every slot of the model's {@link WeightPlan}
   * @param limits the largest step that will be run
   */
  public static DecoderModel bind(
      ModelSpec spec, BoundWeights weights, Backend backend, BatchLimits limits) {
    return new DecoderModel(spec, weights, backend, limits);
  }

  public ModelSpec spec() {
    return spec;
  }

  /**
   * Runs all layers on the first {@code rows} rows of the batch, stores their keys and values, and
   * notes the logprobs of the rows beyond {@link Batch#sampledRows}.
   *
   * @param rows T, padding included
   */
  public void forward(Batch batch, KvCache kv, int rows) {
    Workspace w = workspace.rows(rows);
    ops.embed(w.x(), embed, spec.embedScale(), batch);
    if (positions != null) {
      ops.addPositions(w.x(), positions, spec.positionOffset(), batch);
    }
    if (embedNorm != null) {
      ops.norm(w.x(), w.x(), embedNorm);
    }
    for (int i = 0; i < layers.size(); i++) {
      ops.decoderLayer(layers.get(i), w, kv, batch);
    }
    for (int from = batch.sampledRows; from < batch.logits; from += logits.rows()) {
      int count = Math.min(logits.rows(), batch.logits - from);
      ops.logprobs(logitsOf(batch, from, count), batch, from);
    }
  }

  /**
   * The logits [rows,V] of the first {@code rows} rows of {@link Batch#logitRows} after {@link
   * #forward}; they stay until the next call.
   *
   * @param rows sampled rows, padding included
   */
  public Tensor logits(Batch batch, int rows) {
    return logitsOf(batch, 0, rows);
  }

  /** The second part of a step: chooses the next token of every sampled row. */
  public void sample(Batch batch, Tensor sampledLogits) {
    ops.logprobs(sampledLogits, batch, 0);
    ops.maskLogits(sampledLogits, batch);
    ops.applyPenalties(sampledLogits, batch);
    ops.sample(sampledLogits, batch);
    ops.chosenLogprobs(batch);
  }

  private Tensor logitsOf(Batch batch, int from, int count) {
    Tensor hidden = gathered.rows(0, count);
    Tensor out = logits.rows(0, count);
    ops.gatherRows(hidden, workspace.x(), batch, from);
    ops.normLinear(out, hidden, finalNorm, head, hidden);
    if (spec.logitScale() != 1 || spec.logitSoftcap() != 0) {
      ops.scaleSoftcap(out, spec.logitScale(), spec.logitSoftcap());
    }
    return out;
  }
}
