package dev.quern.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Bodies from good to noise: a good one with one field replaced, with pieces cut, doubled or put
 * in, or with bytes flipped. {@code max_tokens} stands at both ends, so that few lose it.
 */
final class FuzzBodies {
  private static final String SHORT = "\"max_tokens\":2,\"max_completion_tokens\":2";
  private static final List<String> SEEDS =
      List.of(
          "/v1/completions {" + SHORT + ",\"prompt\":\"Once\",%s," + SHORT + "}",
          "/v1/completions {" + SHORT + ",\"prompt\":[1,2,3],\"stream\":true,%s," + SHORT + "}",
          "/v1/completions {"
              + SHORT
              + ",\"prompt\":[\"a\",\"\\u00e9\"],\"echo\":true,%s,"
              + SHORT
              + "}",
          "/v1/chat/completions {"
              + SHORT
              + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],%s,"
              + SHORT
              + "}",
          "/v1/chat/completions {"
              + SHORT
              + ",\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}]},"
              + "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}],%s,"
              + SHORT
              + "}",
          "/tokenize {\"prompt\":\"Once\",%s}",
          "/tokenize {\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],%s}",
          "/detokenize {\"tokens\":[1,2,300],%s}");
  private static final List<String> FIELDS =
      List.of(
          "model",
          "prompt",
          "messages",
          "tokens",
          "n",
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "seed",
          "stop",
          "stop_token_ids",
          "logit_bias",
          "allowed_token_ids",
          "bad_words",
          "logprobs",
          "top_logprobs",
          "prompt_logprobs",
          "echo",
          "stream",
          "stream_options",
          "min_tokens",
          "presence_penalty",
          "frequency_penalty",
          "repetition_penalty",
          "truncate_prompt_tokens",
          "truncation_side",
          "cache_salt",
          "request_id",
          "response_format",
          "tools",
          "tool_choice",
          "documents",
          "chat_template",
          "chat_template_kwargs",
          "add_generation_prompt",
          "continue_final_message",
          "return_token_ids",
          "return_token_strs",
          "reasoning_effort",
          "suffix",
          "user",
          "frob");
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "2",
          "-1",
          "0.5",
          "-0.0",
          "1e999",
          "-1e999",
          "1e-400",
          "123456789012345678901234567890",
          "2147483648",
          "\"\"",
          "\"x\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\ud83d\\ude00\"",
          "\"{{ messages }}{% for %}\"",
          "[]",
          "[null]",
          "[\"\"]",
          "[\"a\",\"b\"]",
          "[1,2]",
          "[-1]",
          "[4294967296]",
          "[[1],[2,3]]",
          "[[],[]]",
          "[[[[[[]]]]]]",
          "{}",
          "{\"1\":1}",
          "{\"1\":\"a\"}",
          "{\"x\":{\"y\":[]}}",
          "{\"include_usage\":true}",
          "{\"type\":\"json_object\"}",
          "[{\"role\":\"user\",\"content\":{}}]",
          "[{\"role\":\"\\u0000\"}]",
          "\"" + "A".repeat(5000) + "\"",
          "[".repeat(300) + "]".repeat(300),
          "[" + "7,".repeat(3000) + "7]");
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "null",
    "NaN",
    "//",
    "\u0000",
    "\uFEFF",
    " ",
    "é",
    "9".repeat(1500),
    "[".repeat(600),
    "'"
  };

  /** Where to post what. */
  record Body(String path, byte[] bytes) {}

  private final Random random;

  FuzzBodies(Random random) {
    this.random = random;
  }

  Body next() {
    String seed = pick(SEEDS);
    int space = seed.indexOf(' ');
    String field = "\"" + pick(FIELDS) + "\":" + pick(VALUES);
    String json = seed.substring(space + 1).replace("%s", field);
    if (random.nextInt(3) == 0) json = edited(json);
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(6) == 0) bytes = flipped(bytes);
    if (random.nextInt(40) == 0) random.nextBytes(bytes);
    return new Body(seed.substring(0, space), bytes);
  }

  private String edited(String json) {
    StringBuilder text = new StringBuilder(json);
    for (int edits = 1 + random.nextInt(3); edits > 0 && !text.isEmpty(); edits--) {
      int from = random.nextInt(text.length());
      int to = Math.min(text.length(), from + 1 + random.nextInt(12));
      switch (random.nextInt(3)) {
        case 0 -> text.delete(from, to);
        case 1 -> text.insert(from, text.substring(from, to));
        default -> text.insert(from, PIECES[random.nextInt(PIECES.length)]);
      }
    }
    return text.toString();
  }

  private byte[] flipped(byte[] bytes) {
    if (bytes.length == 0) return bytes;
    byte[] damaged = bytes.clone();
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--)
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
    return damaged;
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
