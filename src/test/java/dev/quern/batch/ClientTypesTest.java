package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.NpmProject;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.openai.Json;
import dev.quern.openai.Policy;
import dev.quern.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of the shapes that OpenAI's and vLLM's guides to batches show, run unchanged, and their
 * results read by the types of OpenAI's own clients: npm's by the TypeScript compiler, Python's by
 * its validation.
 */
class ClientTypesTest {
  private static final Path CLIENTS = Path.of("src/test/resources/clients");

  /** As OpenAI's guide has them: every field of the envelope, a model of theirs. */
  private static final String OPENAI =
      """
      {"custom_id": "request-1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-3.5-turbo-0125", "messages": [{"role": "system", "content": "You tell tales."},{"role": "user", "content": "Begin one!"}],"max_tokens": 1000}}
      {"custom_id": "request-2", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-3.5-turbo-0125", "messages": [{"role": "system", "content": "You tell nothing."},{"role": "user", "content": "Begin one!"}],"max_tokens": 1000}}
      {"custom_id": "request-3", "method": "POST", "url": "/v1/completions", "body": {"model": "gpt-3.5-turbo-instruct", "prompt": "Once upon a time", "max_tokens": 20, "logprobs": 2}}
      {"custom_id": "request-4", "method": "POST", "url": "/v1/embeddings", "body": {"model": "text-embedding-3-small", "input": "a tale"}}
      """;

  /** As vLLM's guide has them: a model's hub name, the newer name of the limit. */
  private static final String VLLM =
      """
      {"custom_id": "request-1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "meta-llama/Meta-Llama-3-8B-Instruct", "messages": [{"role": "system", "content": "You tell tales."},{"role": "user", "content": "Begin one!"}],"max_completion_tokens": 1000}}
      {"custom_id": "request-2", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "meta-llama/Meta-Llama-3-8B-Instruct", "messages": [{"role": "user", "content": "Begin one!"}],"max_completion_tokens": 12, "logprobs": true, "top_logprobs": 3, "n": 2}}
      {"custom_id": "request-3", "method": "POST", "url": "/v1/score", "body": {"model": "m", "queries": "a", "documents": ["b"]}}
      {"custom_id": "request-4", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": [{"role": "user", "content": "x"}], "temperature": 9}}
      """;

  @TempDir static Path folder;
  private static final List<Path> RESULTS = new ArrayList<>();

  @BeforeAll
  static void run() throws Exception {
    try (LoadedModel model = ModelCache.load(Settings.load(Map.of()), false)) {
      for (Map.Entry<String, String> file : Map.of("openai", OPENAI, "vllm", VLLM).entrySet()) {
        Path input = Files.writeString(folder.resolve(file.getKey() + ".jsonl"), file.getValue());
        Path output = folder.resolve(file.getKey() + "-results.jsonl");
        try (BatchJob job =
            BatchJob.open(input.toString(), output.toString(), BatchOptions.DEFAULT)) {
          assertEquals(ExitCode.BAD_INPUT, job.run(model, Policy.DEFAULT), "some lines fail");
        }
        RESULTS.add(output);
      }
    }
  }

  private static List<JsonNode> results() throws Exception {
    List<JsonNode> results = new ArrayList<>();
    for (Path file : RESULTS)
      for (String line : Files.readAllLines(file))
        results.add(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
    return results;
  }

  @Test
  void theGuidesFilesRunUnchanged() throws Exception {
    int done = 0;
    for (JsonNode result : results()) {
      boolean failed = result.at("/response/status_code").intValue() == 400;
      assertEquals(failed, !result.get("error").isNull(), result.toString());
      if (!failed) done++;
    }
    assertEquals(5, done);
    assertEquals(8, results().size());
  }

  @Test
  void npmsTypesAcceptThem() throws Exception {
    NpmProject npm = NpmProject.withTypes("npm-batch", "openai@7.57.0");
    npm.write("batch-types.ts", Files.readString(CLIENTS.resolve("batch-types.ts")));
    StringBuilder lines =
        new StringBuilder("import { chat, completion } from './batch-types.js';\n");
    for (JsonNode result : results()) {
      boolean text = result.at("/response/body/object").asText().equals("text_completion");
      lines.append(text ? "completion(" : "chat(").append(result).append(");\n");
    }
    npm.write("lines.ts", lines.toString());
    assertEquals("", npm.errors("lines.ts"));
    // The compiler does look: a line that is wrong in one field is refused.
    npm.write("lines.ts", lines.toString().replace("\"code\":\"400\"", "\"code\":400"));
    assertNotEquals("", npm.errors("lines.ts"));
  }

  @Test
  void pythonsTypesAcceptThem() throws Exception {
    String python = System.getenv("QUERN_TEST_PYTHON");
    assumeTrue(
        python != null
            && NpmProject.run(Path.of("."), List.of(python, "-c", "import openai")).exit() == 0,
        "QUERN_TEST_PYTHON does not name a Python with openai installed");
    List<String> command = new ArrayList<>(List.of(python, CLIENTS.resolve("batch_types.py") + ""));
    for (Path file : RESULTS) command.add(file.toString());
    NpmProject.Ended ended = NpmProject.run(Path.of("."), command);
    assertEquals("ok", ended.output().strip());
    assertEquals(0, ended.exit());
  }
}
