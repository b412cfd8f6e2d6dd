package dev.quern.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.engine.ServedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every refused body says which field is at fault and what its value was. */
class ValidationTest {
  private static final ServedModel MODEL = ScriptedEngine.model("the end");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                            | prompt             | required
          {'prompt':''}                                 | prompt             | empty
          {'prompt':[]}                                 | prompt             | empty
          {'prompt':{'a':1}}                            | prompt             | got object
          {'prompt':[1,'a']}                            | prompt             | got "a"
          {'prompt':['a',7]}                            | prompt             | got array
          {'prompt':[-1]}                               | prompt             | got -1
          {'prompt':[1.5]}                              | prompt             | got 1.5
          {'prompt':[[]]}                               | prompt             | empty
          {'prompt':'x','temperature':2.5}              | temperature        | 2.5
          {'prompt':'x','temperature':'hot'}            | temperature        | got "hot"
          {'prompt':'x','temperature':1e99}             | temperature        | 1.0E99
          {'prompt':'x','top_p':0}                      | top_p              | 0.0
          {'prompt':'x','top_k':-2}                     | top_k              | -2
          {'prompt':'x','top_k':1.5}                    | top_k              | 1.5
          {'prompt':'x','min_p':1.1}                    | min_p              | 1.1
          {'prompt':'x','n':0}                          | n                  | 0
          {'prompt':'x','n':20000}                      | n                  | 20000
          {'prompt':'x','n':2,'temperature':0}          | n                  | 2
          {'prompt':['a','b','c'],'n':12}               | n                  | 24
          {'prompt':'x','presence_penalty':3}           | presence_penalty   | 3.0
          {'prompt':'x','frequency_penalty':-3}         | frequency_penalty  | -3.0
          {'prompt':'x','repetition_penalty':0}         | repetition_penalty | 0.0
          {'prompt':'x','max_tokens':0}                 | max_tokens         | 0
          {'prompt':'x','max_tokens':99999999999}       | max_tokens         | 99999999999
          {'prompt':'x','max_tokens':4,'min_tokens':5}  | min_tokens         | 5
          {'prompt':'x','logprobs':-2}                  | logprobs           | -2
          {'prompt':'x','logprobs':true}                | logprobs           | true
          {'prompt':'x','prompt_logprobs':-2}           | prompt_logprobs    | -2
          {'prompt':'x','seed':1e30}                    | seed               | 1.0E30
          {'prompt':'x','stop':['a','']}                | stop               | empty
          {'prompt':'x','stop':['1','2','3','4','5']}   | stop               | 5
          {'prompt':'x','stop':7}                       | stop               | 7
          {'prompt':'x','stop_token_ids':['a']}         | stop_token_ids     | "a"
          {'prompt':'x','logit_bias':{'a':1}}           | logit_bias         | "a"
          {'prompt':'x','logit_bias':{'1':null}}        | logit_bias         | null
          {'prompt':'x','allowed_token_ids':[]}         | allowed_token_ids  | empty
          {'prompt':'x','bad_words':[1]}                | bad_words          | 1
          {'prompt':'x','stream':'yes'}                 | stream             | "yes"
          {'prompt':'x','stream_options':{}}            | stream_options     | stream
          {'prompt':'x','stream':true,'prompt_logprobs':1} | prompt_logprobs | stream
          {'prompt':'x','stream':true,'echo':true,'logprobs':1} | echo       | stream
          {'prompt':'x','truncate_prompt_tokens':0}     | truncate_prompt_tokens | 0
          {'prompt':'x','truncation_side':'up'}         | truncation_side    | up
          {'prompt':'x','cache_salt':''}                | cache_salt         | empty
          {'prompt':'x','use_beam_search':true}         | use_beam_search    | not supported
          {'prompt':'x','suffix':'y'}                   | suffix             | not supported
          {'prompt':'x','structured_outputs':{}}        | structured_outputs | not supported
          {'prompt':'x','response_format':{'type':'json_schema'}} | response_format | json_schema
          {'prompt':'x','model':7}                      | model              | 7
          """)
  void completions(String body, String param, String part) {
    ApiError error = Bodies.refused(() -> Bodies.completion(MODEL, body));
    assertEquals(400, error.code(), error.message());
    assertEquals(param, error.param(), error.message());
    assertTrue(error.message().contains(part), error.message());
    assertEquals("BadRequestError", error.type());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                  | messages          | required
          {'messages':'hi'}                                   | messages          | got "hi"
          {'messages':[]}                                     | messages          | empty
          {'messages':['hi']}                                 | messages          | messages[0]
          {'messages':[{'content':'x'}]}                      | messages          | messages[0].role
          {'messages':[{'role':'user','content':5}]}          | messages          | messages[0].content
          {'messages':[{'role':'user','content':[{'type':'image_url'}]}]} | messages | image_url
          {'messages':[{'role':'user','content':[{'type':'text'}]}]} | messages   | content[0].text
          {'messages':[{'role':'user','content':'x'}],'top_logprobs':2} | top_logprobs | logprobs
          {'messages':[{'role':'user','content':'x'}],'logprobs':true,'top_logprobs':-3} | top_logprobs | -3
          {'messages':[{'role':'user','content':'x'}],'logprobs':3} | logprobs    | 3
          {'messages':[{'role':'user','content':'x'}],'tool_choice':'required'} | tool_choice | not supported
          {'messages':[{'role':'user','content':'x'}],'tool_choice':{'type':'function'}} | tool_choice | not supported
          {'messages':[{'role':'user','content':'x'}],'tools':[1]} | tools        | got 1
          {'messages':[{'role':'user','content':'x'}],'chat_template':'hi'} | chat_template | --trust-request-chat-template
          {'messages':[{'role':'user','content':'x'}],'chat_template_kwargs':[]} | chat_template_kwargs | array
          {'messages':[{'role':'user','content':'x'}],'continue_final_message':true} | continue_final_message | add_generation_prompt
          {'messages':[{'role':'user','content':'x'}],'max_completion_tokens':0} | max_tokens | 0
          """)
  void chats(String body, String param, String part) {
    ApiError error = Bodies.refused(() -> Bodies.chat(MODEL, body));
    assertEquals(400, error.code(), error.message());
    assertEquals(param, error.param(), error.message());
    assertTrue(error.message().contains(part), error.message());
  }

  @Test
  void unknownModelIsNotFound() {
    ApiError error = Bodies.refused(() -> Bodies.completion(MODEL, "{'model':'gpt','prompt':'x'}"));
    assertEquals(404, error.code());
    assertEquals("model", error.param());
    assertEquals("NotFoundError", error.type());
    assertTrue(error.message().contains("gpt"), error.message());
  }

  @Test
  void contextOverflowNamesTheNumbers() {
    String ids = "1,".repeat(ScriptedEngine.CONTEXT - 1) + "1";
    ApiError full = Bodies.refused(() -> Bodies.completion(MODEL, "{'prompt':[" + ids + "]}"));
    assertTrue(full.message().contains("maximum context length is 128 tokens"), full.message());
    assertEquals("prompt", full.param());
    ApiError asked =
        Bodies.refused(() -> Bodies.completion(MODEL, "{'prompt':[1,2],'max_tokens':127}"));
    assertTrue(asked.message().contains("129 were requested"), asked.message());
    assertEquals("max_tokens", asked.param());
  }

  @Test
  void tooManyPrompts() {
    String body = "{'prompt':[" + "'a',".repeat(1024) + "'a']}";
    ApiError error = Bodies.refused(() -> Bodies.completion(MODEL, body));
    assertTrue(error.message().contains("1024") && error.message().contains("1025"));
  }

  @Test
  void unknownFieldsAndNullsAreLeftAlone() {
    Bodies.completion(
        MODEL,
        "{'prompt':'x','user':'me','frobnicate':{'a':[1]},'temperature':null,'stop':null,"
            + "'logit_bias':null,'n':null,'max_tokens':null,'response_format':{'type':'text'},"
            + "'suffix':null,'tool_choice':'none'}");
  }

  @Test
  void halfCharactersAreRefusedAtTheDoor() {
    ApiError error = Bodies.refused(() -> Bodies.json("{'prompt':'\\ud800'}"));
    assertTrue(error.message().contains("U+D800"), error.message());
    Bodies.json("{'prompt':'\\ud83d\\ude00'}");
  }
}
