package dev.quern.engine;

import dev.quern.backend.Batch;
import dev.quern.backend.KvCache;
import dev.quern.backend.Tensor;
import dev.quern.model.DecoderModel;

/** A bound model as the engine runs it: calls of ops, recorded once for each number of rows. */
public interface ForwardModel {
  /** V: columns of the logits. */
  int vocabularySize();

  /**
   * From the batch's ids to the last layer's output for {@code rows} rows, keys and values stored;
   * then the logprobs of the logit rows that are not sampled from.
   */
  void forward(Batch batch, int rows);

  /** The logits [rows,V] of the batch's first {@code rows} logit rows, those sampled from. */
  Tensor logits(Batch batch, int rows);

  /** A decoder with its KV cache, both of which belong to the caller. */
  static ForwardModel of(DecoderModel model, KvCache kv) {
    return new ForwardModel() {
      @Override
      public int vocabularySize() {
        return model.spec().vocabularySize();
      }

      @Override
      public void forward(Batch batch, int rows) {
        model.forward(batch, kv, rows);
      }

      @Override
      public Tensor logits(Batch batch, int rows) {
        return model.logits(batch, rows);
      }
    };
  }
}
