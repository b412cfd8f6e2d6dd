package dev.quern.checkpoint;

import dev.quern.backend.WeightPart;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightSlot;
import java.util.List;

/**
 * Random weights that keep activations in the range of a trained model's: matrices are uniform with
 * a variance of 1/(4·K), so that a product of a normed row has half its size; norms scale by 1;
 * biases are 0.
 */
final class DummyWeights {
  private final Checkpoint.Dummy dummy;
  private final float normWeight;

  DummyWeights(Checkpoint.Dummy dummy, ModelSpec spec) {
    this.dummy = dummy;
    this.normWeight = spec.finalNorm() == null ? 1 : 1 - spec.finalNorm().weightOffset();
  }

  List<WeightPart> parts(WeightSlot slot) {
    int rows = slot.rows();
    int cols = slot.cols();
    return List.of(
        switch (slot.kind()) {
          case MATRIX ->
              new WeightPart.Random(
                  rows,
                  cols,
                  seed(slot.name()),
                  0.5f * (float) Math.sqrt(3.0 / cols),
                  dummy.sharedPages());
          case NORM -> new WeightPart.Constant(rows, cols, normWeight);
          case BIAS -> new WeightPart.Constant(rows, cols, 0);
        });
  }

  /** FNV-1a over the name, then splitmix64's finaliser. */
  private long seed(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    long z = hash + dummy.seed() * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
