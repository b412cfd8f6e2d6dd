package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MistralParamsTest {
  private static final String PARAMS =
      """
      {"dim": 4096, "n_layers": 4, "head_dim": 128, "hidden_dim": 14336, "n_heads": 32,
       "n_kv_heads": 8, "norm_eps": 1e-05, "vocab_size": 32768, "rope_theta": 1000000.0%s}\
      """;

  private static ObjectNode convert(String more, JsonNode positions) {
    return MistralParams.convert(
        "params.json", ConfigJson.parse("params.json", PARAMS.formatted(more)), positions);
  }

  @Test
  void everyValueGetsItsName() {
    assertEquals(
        ConfigJson.parse(
            "expected",
            """
            {"architectures": ["MistralForCausalLM"], "model_type": "mistral",
             "hidden_size": 4096, "num_hidden_layers": 4, "head_dim": 128,
             "intermediate_size": 14336, "num_attention_heads": 32, "num_key_value_heads": 8,
             "rms_norm_eps": 1e-05, "vocab_size": 32768, "rope_theta": 1000000.0,
             "hidden_act": "silu", "tie_word_embeddings": false, "sliding_window": null,
             "max_position_embeddings": 128000, "bos_token_id": 1, "eos_token_id": 2}\
            """),
        convert("", null));
  }

  @Test
  void theLongestSequenceIsTheirsElseTheOtherConfigs() {
    String key = "max_position_embeddings";
    assertEquals(7, convert("", IntNode.valueOf(7)).get(key).intValue());
    assertEquals(9, convert(", \"max_seq_len\": 9", IntNode.valueOf(7)).get(key).intValue());
  }

  @Test
  void aPatternOfWindowsBecomesTypesOfLayers() {
    ObjectNode one = convert(", \"sliding_window\": 4096", null);
    assertEquals(4096, one.get("sliding_window").intValue());
    assertEquals("mistral", one.get("model_type").textValue());
    ObjectNode pattern = convert(", \"sliding_window\": [null, 64]", null);
    assertEquals(64, pattern.get("sliding_window").intValue());
    assertEquals("MinistralForCausalLM", pattern.get("architectures").get(0).textValue());
    assertEquals(
        "[\"full_attention\",\"sliding_attention\",\"full_attention\",\"sliding_attention\"]",
        pattern.get("layer_types").toString());
  }

  @Test
  void yarnGetsHuggingFacesNames() {
    String yarn =
        ", \"yarn\": {\"factor\": 16, \"original_max_position_embeddings\": 16384, \"beta\": 32,"
            + " \"alpha\": 1, \"apply_scale\": false}";
    ObjectNode plain = convert(yarn, null);
    assertEquals(
        ConfigJson.parse(
            "expected",
            """
            {"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 16,
             "original_max_position_embeddings": 16384, "beta_fast": 32, "beta_slow": 1,
             "attention_factor": 1.0}\
            """),
        plain.get("rope_parameters"));
    assertTrue(!plain.has("rope_theta"));
    String scaling =
        ", \"llama_4_scaling\": {\"original_max_position_embeddings\": 16384, \"beta\": 0.1}";
    ObjectNode scaled = convert(yarn + scaling, null);
    assertEquals("ministral3", scaled.get("model_type").textValue());
    assertEquals(0.1, scaled.at("/rope_parameters/llama_4_scaling_beta").doubleValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"moe\": {\"num_experts\": 8} | moe = {\"num_experts\":8}: the model has a mixture of"
            + " experts",
        "\"quantization\": {\"qformat_weight\": \"fp8_e4m3\"} | the model has quantised weights",
        "\"vision_encoder\": {\"dim\": 1} | the model has an encoder of images",
        "\"model_type\": \"mamba\" | model_type = \"mamba\": only \"transformer\"",
        "\"use_biases\": true | the model has biases",
        "\"sliding_window\": [1, 2, null] | does not repeat in 4 layers",
        "\"sliding_window\": [1, 2] | windows of two sizes",
      })
  void whatIsNoDenseModelOfTextIsRefused(String more, String says) {
    String text =
        assertThrows(ModelConfigException.class, () -> convert(", " + more, null)).getMessage();
    assertTrue(text.startsWith("params.json: ") && text.contains(says), text);
    assertTrue(text.endsWith("where the model has them"), text);
  }

  @Test
  void whatIsOffIsNotThere() {
    convert(", \"moe\": null, \"use_biases\": false, \"vision_encoder\": {}", null);
  }
}
