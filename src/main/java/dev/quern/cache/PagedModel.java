package dev.quern.cache;

import dev.quern.backend.Batch;
import dev.quern.backend.KvCache;
import dev.quern.backend.Tensor;
import dev.quern.engine.ForwardModel;
import dev.quern.model.DecoderModel;

/** A bound model together with the KV cache it runs on. */
record PagedModel(DecoderModel model, KvCache kv) implements ForwardModel {
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
}
