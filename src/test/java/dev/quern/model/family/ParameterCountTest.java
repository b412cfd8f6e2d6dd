package dev.quern.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.model.ModelConfig;
import dev.quern.model.WeightSlot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans of published models have the published number of parameters. */
class ParameterCountTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          8030261248|'LlamaForCausalLM','hidden_size':4096,'intermediate_size':14336,'num_hidden_layers':32,'num_attention_heads':32,'num_key_value_heads':8,'vocab_size':128256
          7241732096|'MistralForCausalLM','hidden_size':4096,'intermediate_size':14336,'num_hidden_layers':32,'num_attention_heads':32,'num_key_value_heads':8,'vocab_size':32000
          494032768|'Qwen2ForCausalLM','hidden_size':896,'intermediate_size':4864,'num_hidden_layers':24,'num_attention_heads':14,'num_key_value_heads':2,'vocab_size':151936,'tie_word_embeddings':true
          596049920|'Qwen3ForCausalLM','hidden_size':1024,'intermediate_size':3072,'num_hidden_layers':28,'num_attention_heads':16,'num_key_value_heads':8,'vocab_size':151936,'tie_word_embeddings':true
          2506172416|'GemmaForCausalLM','hidden_size':2048,'intermediate_size':16384,'num_hidden_layers':18,'num_attention_heads':8,'num_key_value_heads':1,'vocab_size':256000
          2614341888|'Gemma2ForCausalLM','hidden_size':2304,'intermediate_size':9216,'num_hidden_layers':26,'num_attention_heads':8,'num_key_value_heads':4,'vocab_size':256000
          999885952|'Gemma3ForCausalLM','hidden_size':1152,'intermediate_size':6912,'num_hidden_layers':26,'num_attention_heads':4,'num_key_value_heads':1,'vocab_size':262144
          2779683840|'PhiForCausalLM','hidden_size':2560,'intermediate_size':10240,'num_hidden_layers':32,'num_attention_heads':32,'vocab_size':51200
          3821079552|'Phi3ForCausalLM','hidden_size':3072,'intermediate_size':8192,'num_hidden_layers':32,'num_attention_heads':32,'vocab_size':32064
          124439808|'GPT2LMHeadModel','n_embd':768,'n_layer':12,'n_head':12,'vocab_size':50257
          125239296|'OPTForCausalLM','hidden_size':768,'ffn_dim':3072,'num_hidden_layers':12,'num_attention_heads':12,'vocab_size':50272
          559214592|'BloomForCausalLM','hidden_size':1024,'n_layer':24,'n_head':16,'vocab_size':250880
          6921720704|'FalconForCausalLM','hidden_size':4544,'num_hidden_layers':32,'num_attention_heads':71,'vocab_size':65024
          6649286656|'MPTForCausalLM','d_model':4096,'n_layers':32,'n_heads':32,'vocab_size':50432
          6050882784|'GPTJForCausalLM','n_embd':4096,'n_layer':28,'n_head':16,'vocab_size':50400
          """)
  void published(long parameters, String config) {
    String json = ("{'architectures':[" + config.replaceFirst(",", "],") + "}").replace('\'', '"');
    long counted = 0;
    Description model =
        Families.describe(ModelConfig.parse("published", json, null), SpecOptions.DEFAULT);
    for (WeightSlot slot : model.weights().slots()) {
      counted += (long) slot.rows() * slot.cols();
    }
    assertEquals(parameters, counted);
  }
}
