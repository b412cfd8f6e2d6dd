package dev.quern.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.model.MemoryNeeds;
import dev.quern.model.ModelConfig;
import dev.quern.model.ModelConfigException;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightPlan;
import org.junit.jupiter.api.Test;

class FamiliesTest {
  private static final String QWEN2_7B =
      """
      {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584,
       "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
       "num_key_value_heads": 4, "vocab_size": 152064, "max_position_embeddings": 32768,
       "rope_theta": 1000000.0, "torch_dtype": "bfloat16", "tie_word_embeddings": false,
       "use_sliding_window": false, "sliding_window": 131072, "max_window_layers": 28}\
      """;

  @Test
  void qwen2() {
    Description model = describe(QWEN2_7B, null);
    ModelSpec spec = model.spec();
    assertEquals(DType.BF16, spec.dtype());
    assertEquals(32768, spec.contextTokens());
    assertEquals(128, spec.layers().getFirst().attention().headDim());
    assertEquals(0, spec.layers().getFirst().attention().window());
    assertTrue(spec.layers().getFirst().attention().qkvBias());
    assertSame(
        spec.layers().getFirst().attention().rope(), spec.layers().getLast().attention().rope());
    MemoryNeeds needs =
        MemoryNeeds.of(spec, model.weights(), new BatchLimits(2048, 64, 2048, 20), 16, DType.F32);
    // 7,615,616,512 parameters, of which the 28 layers' biases and norms and the last norm are held
    // in float32.
    long vectors = 28L * (4608 + 2 * 3584) + 3584;
    assertEquals(2 * (7_615_616_512L - vectors) + 4 * vectors, needs.weightBytes());
    assertEquals(2L * 28 * 4 * 128 * 16 * 4, needs.kv().blockBytes());
    assertEquals(4L * 32768 * 128, needs.tableBytes());
  }

  @Test
  void overridesCutALayerListShort() {
    String config =
        QWEN2_7B.replace("}", ", \"layer_types\": [\"full_attention\",")
            + "\"full_attention\",".repeat(26)
            + "\"full_attention\"]}";
    ModelSpec spec =
        Families.describe(
                ModelConfig.parse("c", config, "{\"num_hidden_layers\": 2}"), SpecOptions.DEFAULT)
            .spec();
    assertEquals(2, spec.layers().size());
  }

  @Test
  void modelTypeServesWhereNoArchitectureIsNamed() {
    String config = QWEN2_7B.replace("\"architectures\": [\"Qwen2ForCausalLM\"], ", "");
    assertEquals("Qwen2ForCausalLM", describe(config, null).spec().architecture());
  }

  @Test
  void unknownArchitecturesGetTheNearestAndAllNames() {
    String message = refusal(QWEN2_7B.replace("Qwen2ForCausalLM", "Qwen2XForCausalLM"), null);
    assertTrue(message.contains("Qwen2XForCausalLM is not supported"), message);
    assertTrue(message.contains("Nearest: Qwen2ForCausalLM, Qwen3ForCausalLM"), message);
    for (String name : Families.architectures()) {
      assertTrue(message.substring(message.indexOf("Supported:")).contains(name), name);
    }
    String own = refusal("{\"architectures\": [\"MyModel\"], \"auto_map\": {}}", null);
    assertTrue(own.contains("never run here"), own);
    assertTrue(refusal("{}", null).contains("has no architectures"));
  }

  @Test
  void impossibleNumbersAreRefused() {
    assertTrue(refusal(QWEN2_7B, "{\"num_key_value_heads\": 3}").contains("not divisible by 3"));
    assertTrue(refusal(QWEN2_7B, "{\"num_attention_heads\": 27}").contains("not divisible by 27"));
    assertTrue(refusal(QWEN2_7B, "{\"hidden_size\": 1e15}").contains("hidden_size = 1.0E15"));
    assertTrue(refusal(QWEN2_7B, "{\"vocab_size\": 0}").contains("vocab_size = 0"));
    assertTrue(refusal(QWEN2_7B, "{\"num_hidden_layers\": null}").contains("num_hidden_layers"));
    assertTrue(refusal(QWEN2_7B, "{\"hidden_act\": \"mish\"}").contains("hidden_act = \"mish\""));
    assertTrue(refusal(QWEN2_7B, "{\"rms_norm_eps\": -1}").contains("rms_norm_eps = -1"));
    assertTrue(
        refusal(QWEN2_7B, "{\"use_sliding_window\": true, \"layer_types\": [\"linear\"]}")
            .contains("layer_types"));
  }

  @Test
  void tensorsThatPublishedFilesHoldBesidesAreIgnored() {
    String gpt2 =
        "{\"architectures\": [\"GPT2LMHeadModel\"], \"n_embd\": 768, \"n_layer\": 12,"
            + " \"n_head\": 12, \"vocab_size\": 50257}";
    assertIgnored(gpt2, "h.0.attn.bias", "transformer.h.11.attn.masked_bias", "lm_head.weight");
    String neox =
        gpt2.replace("GPT2LMHeadModel", "GPTNeoXForCausalLM").replace("n_embd", "hidden_size");
    assertIgnored(
        neox,
        "gpt_neox.layers.0.attention.bias",
        "gpt_neox.layers.0.attention.masked_bias",
        "gpt_neox.layers.0.attention.rotary_emb.inv_freq");
    String gptj = gpt2.replace("GPT2LMHeadModel", "GPTJForCausalLM");
    assertIgnored(gptj, "transformer.h.0.attn.bias", "transformer.h.0.attn.masked_bias");
    String gemma3 = QWEN2_7B.replace("Qwen2ForCausalLM", "Gemma3ForConditionalGeneration");
    assertIgnored(
        gemma3,
        "vision_tower.vision_model.embeddings.patch_embedding.bias",
        "model.multi_modal_projector.mm_input_projection_weight");
  }

  private static void assertIgnored(String config, String... names) {
    WeightPlan plan = describe(config, null).weights();
    for (String name : names) {
      assertTrue(
          plan.ignored().stream().anyMatch(pattern -> pattern.matcher(name).matches()), name);
    }
  }

  private static Description describe(String config, String overrides) {
    return Families.describe(ModelConfig.parse("c.json", config, overrides), SpecOptions.DEFAULT);
  }

  private static String refusal(String config, String overrides) {
    return assertThrows(ModelConfigException.class, () -> describe(config, overrides)).getMessage();
  }
}
