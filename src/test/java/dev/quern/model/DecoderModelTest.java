package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.Tensor;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.WeightLoader;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class DecoderModelTest {
  private static final Description MODEL =
      Families.describe(
          ModelConfig.parse(
              "tiny",
              """
              {"architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 40,
               "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
               "vocab_size": 50, "max_position_embeddings": 128}\
              """,
              null),
          new SpecOptions("float32", null, 0));

  /** 100 rows pass through a logits buffer of 32; the sampled row's logits must be the last. */
  @Test
  void promptLogprobsGoThroughTheBufferInChunks() {
    int tokens = 100;
    int blocks = 7;
    BatchLimits limits = new BatchLimits(tokens, 1, blocks, 3);
    assertEquals(32, MemoryNeeds.logitRows(MODEL.spec(), limits));
    try (Backend backend = CpuBackend.scalar(1);
        KvCache kv = backend.kvCache(MemoryNeeds.kvLayout(MODEL.spec(), 16, DType.F32), blocks)) {
      DecoderModel model = DecoderModel.bind(MODEL.spec(), weights(backend), backend, limits);
      Batch batch = backend.batch(limits);
      batch.tokens = tokens;
      batch.sequences = 1;
      batch.seqStarts[1] = tokens;
      batch.kvLengths[0] = tokens;
      for (int i = 0; i < blocks; i++) {
        batch.blockTables[i] = i;
      }
      for (int i = 0; i < tokens; i++) {
        batch.tokenIds[i] = (i * 37 + 11) % 50;
        batch.feedRows[i] = -1;
        batch.positions[i] = i;
        batch.slots[i] = i;
      }
      batch.sampledRows = 1;
      batch.logits = tokens;
      batch.logitRows[0] = tokens - 1;
      for (int row = 0; row < tokens; row++) {
        batch.logitRows[row] = row == 0 ? tokens - 1 : row - 1;
        batch.sampling.logprobs[row] = 3;
        batch.sampling.targets[row] = row == 0 ? -1 : batch.tokenIds[row];
      }
      batch.sampling.repetitionPenalty[0] = 1;
      batch.sampling.topP[0] = 1;
      backend.upload(batch);
      model.forward(batch, kv, tokens);
      Tensor sampled = model.logits(batch, 1);
      float[] last = backend.download(sampled);
      model.sample(batch, sampled);
      backend.await(batch);

      float[][] rows = rowByRow(backend, batch.tokenIds);
      int best = argmax(rows[tokens - 1]);
      assertEquals(best, argmax(last));
      assertEquals(best, batch.sampling.nextTokens[0]);
      assertEquals(logprob(rows[tokens - 1], best), batch.sampling.chosenLogprob[0], 1e-4);
      for (int row = 1; row < tokens; row++) {
        float[] logits = rows[row - 1];
        int target = batch.tokenIds[row];
        assertEquals(
            logprob(logits, target), batch.sampling.chosenLogprob[row], 1e-4, "row " + row);
        assertEquals(argmax(logits), batch.sampling.topIds[row * 3], "row " + row);
      }
    }
  }

  @Test
  void allocatesWhatTheArithmeticSays() {
    BatchLimits limits = new BatchLimits(24, 3, 8, 5);
    long[] bytes = new long[2];
    try (Backend backend = CpuBackend.scalar(1)) {
      Backend counting =
          (Backend)
              Proxy.newProxyInstance(
                  Backend.class.getClassLoader(),
                  new Class<?>[] {Backend.class},
                  (proxy, method, args) -> {
                    if (method.getName().equals("logits")) {
                      bytes[0] += 4L * (int) args[0] * (int) args[1];
                    } else if (method.getName().equals("activation")) {
                      bytes[0] += 4L * (int) args[1] * (int) args[2];
                    } else if (method.getName().equals("constant")) {
                      bytes[1] += 4L * (int) args[1] * (int) args[2];
                    }
                    try {
                      return method.invoke(backend, args);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
      DecoderModel.bind(MODEL.spec(), weights(backend), counting, limits);
    }
    MemoryNeeds needs = MemoryNeeds.of(MODEL.spec(), MODEL.weights(), limits, 16, DType.F32);
    assertEquals(needs.workspaceBytes(), bytes[0]);
    assertEquals(needs.tableBytes(), bytes[1]);
    assertTrue(bytes[0] > 0 && bytes[1] > 0);
  }

  private static BoundWeights weights(Backend backend) {
    return WeightLoader.load(
        MODEL.weights(), new Checkpoint.Dummy(7, false), MODEL.spec(), backend);
  }

  private static float[][] rowByRow(Backend backend, int[] tokens) {
    float[][] rows = new float[tokens.length][];
    try (SingleSequence sequence =
        new SingleSequence(MODEL.spec(), weights(backend), backend, tokens.length)) {
      for (int i = 0; i < tokens.length; i++) {
        rows[i] = sequence.logits(tokens[i]);
      }
    }
    return rows;
  }

  private static double logprob(float[] logits, int id) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - logits[id]);
    }
    return -Math.log(sum);
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
