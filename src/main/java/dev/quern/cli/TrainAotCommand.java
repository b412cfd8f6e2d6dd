package dev.quern.cli;

import dev.quern.batch.BatchJob;
import dev.quern.batch.BatchOptions;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.settings.QuernConfig;
import dev.quern.settings.Settings;
import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Does what a batch job and a server do, briefly, with the built-in model. The launcher runs it
 * with the JVM flag that records which classes were used, and makes the JVM's AOT cache from the
 * record.
 */
@Command(name = "train-aot", hidden = true, description = "Runs what the AOT cache is made from.")
final class TrainAotCommand implements Callable<Integer> {
  private static final String LINES =
      """
      {"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": {"prompt": "Once", "max_tokens": 8, "seed": 1}}
      {"messages": [{"role": "user", "content": "A tale"}], "max_tokens": 8, "temperature": 0}
      {"malformed":
      """;
  private static final String CHAT =
      """
      {"messages": [{"role": "user", "content": "A tale"}], "max_tokens": 8, "seed": 1, "stream": true}\
      """;

  @Mixin CommonOptions common;

  @Override
  public Integer call() throws IOException {
    // Whatever the user has set, the cache is made from the same run.
    QuernConfig config =
        Settings.flagsOnly(Map.of("host", "127.0.0.1", "port", "0", "device", "cpu"));
    batch(config);
    return Server.serve(config, ServeCommand.loading(config), TrainAotCommand::askAndExit);
  }

  private static void batch(QuernConfig config) throws IOException {
    Path folder = Files.createTempDirectory("quern-aot-");
    Path input = folder.resolve("in.jsonl");
    Path output = folder.resolve("out.jsonl");
    Files.writeString(input, LINES);
    try (BatchJob job = BatchJob.open(input.toString(), output.toString(), BatchOptions.DEFAULT);
        LoadedModel model = ModelCache.load(config, false)) {
      job.run(model, Policies.of(config));
    } finally {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
      }
    }
  }

  /** One streamed chat, over a plain socket so that no HTTP client gets into the cache. */
  private static void askAndExit(URI api) {
    byte[] body = CHAT.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    try (var socket = new Socket(api.getHost(), api.getPort())) {
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Quarkus.asyncExit(answer.startsWith("HTTP/1.1 200") ? 0 : 1);
    } catch (IOException e) {
      Quarkus.asyncExit(1);
      throw new UncheckedIOException(e);
    }
  }
}
