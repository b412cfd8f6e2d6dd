package dev.quern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.backend.DType;
import dev.quern.model.ModelConfig;
import dev.quern.model.ModelSpec;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arithmetic against published sizes and against counting one by one. */
class ModelCostTest {
  static ModelSpec spec(int hidden, int heads, int kvHeads, int ffn, int layers, int vocabulary) {
    String json =
        """
        {"architectures":["LlamaForCausalLM"],"model_type":"llama","torch_dtype":"bfloat16",
         "hidden_size":%d,"num_attention_heads":%d,"num_key_value_heads":%d,"intermediate_size":%d,
         "num_hidden_layers":%d,"vocab_size":%d,"max_position_embeddings":4096,
         "rms_norm_eps":1e-6,"hidden_act":"silu"}
        """
            .formatted(hidden, heads, kvHeads, ffn, layers, vocabulary);
    return spec(ModelConfig.parse("test", json, null));
  }

  private static ModelSpec spec(ModelConfig config) {
    return Families.describe(config, new SpecOptions("auto", null, 0)).spec();
  }

  @Test
  void aHalfBillionModelMovesOneGigabyteAToken() {
    ModelCost cost =
        new ModelCost(spec(ModelConfig.read(Path.of("jobs/shapes/qwen2.5-0.5b"), null)), DType.F32);
    // Qwen2.5-0.5B has 0.36B parameters without embeddings; ours leaves out biases and norms.
    assertEquals(357_826_560L, cost.layerParameters());
    assertEquals(136_134_656L, cost.headParameters());
    assertEquals(0.988, cost.weightBytes() / 1e9, 0.0005);
    assertEquals(24 * 2 * 2 * 64 * 4, cost.kvBytesPerToken());
  }

  @Test
  void aDecodedTokenCostsTwoOperationsPerParameterAndItsAttention() {
    ModelCost cost = new ModelCost(spec(8, 2, 1, 16, 3, 100), DType.F16);
    long layer = 8 * (8 + 2 * 4) + 8 * 8 + 3 * 8 * 16;
    assertEquals(3 * layer, cost.layerParameters());
    Work token = cost.decodeToken(9); // attends to 10 positions
    assertEquals(2.0 * (3 * layer + 800) + 3 * 4 * 2 * 4 * 10, token.flops());
    // Ten positions read, one written: two vectors of 4 halves in each of 3 layers.
    assertEquals(3 * 2 * 4 * 2 * (10 + 1), token.bytes());
  }

  @Test
  void aPromptIsItsTokensOneByOneWithOneHead() {
    ModelCost cost = new ModelCost(spec(8, 2, 1, 16, 3, 100), DType.F32);
    double flops = 0;
    for (int i = 0; i < 50; i++) flops += cost.decodeToken(i).flops();
    assertEquals(flops - 49 * 2.0 * 800, cost.prompt(50).flops());
  }

  @Test
  void theSlowerLimitCounts() {
    Limits limits = new Limits(10, 100, "");
    assertEquals(5, new Work(50, 100).leastSeconds(limits));
    assertEquals(2, new Work(5, 200).leastSeconds(limits));
    Phase phase = new Phase(10, 1, 1, new Work(50, 100), limits);
    assertEquals(0.5, phase.ofBandwidth());
    assertEquals(0.1, phase.ofFma());
    assertEquals(0.5, phase.ofLimit());
  }

  @Test
  void theRooflineIsPromptsByArithmeticAndDecodeStepsByBytes() {
    ModelCost cost = new ModelCost(spec(8, 2, 1, 16, 3, 100), DType.F16);
    Limits limits = new Limits(1e3, 1e5, "");
    double expected = 5 * cost.prompt(20).flops() / 1e5;
    // Five sequences, two at once: three rounds of three decode steps.
    expected += 9 * cost.weightBytes() / 1e3;
    for (int k = 0; k < 3; k++) expected += 5 * cost.decodeToken(20 + k).bytes() / 1e3;
    assertEquals(expected, cost.least(5, 20, 4, 2, limits), 1e-9);
  }

  @Test
  void percentilesAreLinear() {
    double[] values = {4, 1, 3, 2};
    assertEquals(2.5, Statistics.median(values));
    assertEquals(1, Statistics.percentile(values, 0));
    assertEquals(3.7, Statistics.percentile(values, 90), 1e-12);
    assertEquals(List.of(4.0), List.of(Statistics.percentile(values, 100)));
  }
}
