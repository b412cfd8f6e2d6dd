package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.quern.batch.store.Packing;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.openai.Policy;
import dev.quern.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed files, addresses, and files that are checked only. */
class CompatibleTest {
  private static final String LINES =
      """
      {"custom_id":"a","method":"POST","url":"/v1/completions","body":{"model":"m","prompt":"one"}}
      {"custom_id":"a","method":"POST","url":"/v1/completions","body":{"model":"m","prompt":"two"}}
      {"custom_id":"e","method":"POST","url":"/v1/embeddings","body":{"model":"m","input":"x"}}
      """;

  @TempDir Path folder;

  private int run(String input, String output) throws Exception {
    BatchOptions options = BatchOptions.DEFAULT.scratch(folder.resolve("scratch"));
    try (FakeAnswerer model = new FakeAnswerer(10);
        BatchJob job = BatchJob.open(input, output, options)) {
      return BatchRun.run(job, model);
    }
  }

  private static void check(byte[] results) {
    String text = new String(results, StandardCharsets.UTF_8);
    assertEquals(3, text.split("\n").length, text);
    for (String part : new String[] {"\"text\":\"one\"", "\"text\":\"two\"", "/v1/embeddings"})
      assertTrue(text.contains(part), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "jsonl.gz", "jsonl.zst"})
  void packedByTheEnding(String ending) throws Exception {
    Path input = folder.resolve("in." + ending);
    try (OutputStream out = Packing.of(input).pack(Files.newOutputStream(input))) {
      out.write(LINES.getBytes(StandardCharsets.UTF_8));
    }
    Path output = folder.resolve("out." + ending);
    assertEquals(ExitCode.BAD_INPUT, run(input.toString(), output.toString()));
    try (var in = Packing.of(output).unpack(Files.newInputStream(output))) {
      check(in.readAllBytes());
    }
    byte[] before = Files.readAllBytes(output);
    assertEquals(ExitCode.BAD_INPUT, run(input.toString(), output.toString()), "complete");
    assertEquals(List.of(before.length), List.of(Files.readAllBytes(output).length));
  }

  @Test
  void addressesAreFetchedAndStored() throws Exception {
    List<byte[]> stored = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger tries = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/in.jsonl",
        http -> {
          // The first answer is a fault that passes.
          boolean fails = tries.getAndIncrement() == 0;
          byte[] body = fails ? new byte[0] : LINES.getBytes(StandardCharsets.UTF_8);
          http.sendResponseHeaders(fails ? 503 : 200, fails ? -1 : body.length);
          http.getResponseBody().write(body);
          http.close();
        });
    server.createContext(
        "/out.jsonl",
        http -> {
          assertEquals("PUT", http.getRequestMethod());
          stored.add(http.getRequestBody().readAllBytes());
          http.sendResponseHeaders(200, -1);
          http.close();
        });
    server.start();
    try {
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      assertEquals(
          ExitCode.BAD_INPUT, run(base + "/in.jsonl?signature=1", base + "/out.jsonl?signature=2"));
      assertEquals(1, stored.size());
      check(stored.getFirst());
      assertEquals(ExitCode.BAD_INPUT, run(base + "/in.jsonl?signature=3", base + "/out.jsonl"));
      assertEquals(2, stored.size(), "a complete output is stored again");
      java.io.IOException none =
          org.junit.jupiter.api.Assertions.assertThrows(
              java.io.IOException.class, () -> run(base + "/none", base + "/out.jsonl"));
      assertEquals("GET " + base + "/none: the server answers 404", none.getMessage());
      assertEquals(ExitCode.BAD_INPUT, ExitCode.of(none));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aFileIsCheckedWithoutRunningIt() throws Exception {
    Path input =
        Files.writeString(
            folder.resolve("in.jsonl"),
            LINES
                + "{\"prompt\":[1,2,3],\"max_tokens\":7,\"n\":2}\n"
                + "{\"prompt\":\"x\",\"temperature\":9}\n"
                + "bad\n");
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    Map<String, String> flags = Map.of("load-format", "dummy", "device", "cpu");
    try (LoadedModel model = ModelCache.load(Settings.load(flags), false)) {
      assertEquals(
          ExitCode.BAD_INPUT,
          new CheckJob(new PrintStream(told, true))
              .run(input.toString(), folder, model, Policy.DEFAULT));
      assertEquals(0, model.served().engine().stats().steps(), "nothing ran");
    }
    String text = told.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains("6 lines, 3 bad: 3 prompts of "), text);
    assertTrue(text.contains("line 3 (e): url '/v1/embeddings' is not supported"), text);
    assertTrue(text.contains("line 6: "), text);
    assertTrue(text.contains("1 lines have a custom_id that another line has (such as a)"), text);
  }
}
