package dev.quern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.files.PageCache;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two commands on the built-in model: their arguments, exit codes and files. */
class BatchAndBenchTest {
  @TempDir Path folder;

  private String file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void batchTakesFilesAsArgumentsOrAsVllmsFlags() throws Exception {
    String in = file("in.jsonl", "{\"prompt\":\"The fox\",\"max_tokens\":2}\n");
    Path out = folder.resolve("out.jsonl");
    assertEquals(0, Cli.run("batch", in, out.toString(), "--max_num_seqs", "2"));
    assertEquals(1, Files.readAllLines(out).size());
    assertEquals(0, Cli.run("batch", in, out.toString(), "--max_num_seqs", "2"), "complete");
    assertEquals(2, Cli.run("batch", in, out.toString(), "--seed", "5"), "made otherwise");
    assertEquals(0, Cli.run("run-batch", "--overwrite", "-i", in, "-o", out.toString()));
    assertEquals(1, Files.readAllLines(out).size());
  }

  @Test
  void batchTellsByItsExitCode() throws Exception {
    String bad = file("bad.jsonl", "{\"prompt\":\"a\",\"max_tokens\":1}\nnonsense\n");
    Path out = folder.resolve("out.jsonl");
    assertEquals(42, Cli.run("batch", bad, out.toString()));
    assertEquals(2, Files.readAllLines(out).size());
    assertEquals(2, Cli.run("batch"), "no input");
    assertEquals(2, Cli.run("batch", bad, "x", "-o", "y"), "two outputs");
    assertEquals(42, Cli.run("batch", folder.resolve("none.jsonl").toString(), "-o", "-"));
    String other = folder.resolve("other.jsonl").toString();
    assertEquals(1, Cli.run("batch", bad, other, "--model", folder.toString()), "no model there");
  }

  @Test
  void benchWritesVllmsFields() throws Exception {
    Path json = folder.resolve("bench.json");
    assertEquals(
        0,
        Cli.run(
            "bench",
            "latency",
            "--input-len",
            "8",
            "--output-len",
            "4",
            "--batch-size",
            "2",
            "--num-iters",
            "2",
            "--num-iters-warmup",
            "0",
            "--output-json",
            json.toString()));
    JsonNode latency = new ObjectMapper().readTree(json.toFile());
    assertEquals(2, latency.get("latencies").size());
    assertTrue(latency.at("/percentiles/99").doubleValue() > 0);
    assertEquals(16, latency.at("/prefill/tokens").intValue());
    assertTrue(latency.at("/machine/bandwidth_bytes_per_second").doubleValue() > 1e8);
    assertTrue(latency.at("/decode/of_slower_limit").doubleValue() > 0);
    assertEquals(
        0,
        Cli.run(
            "bench",
            "throughput",
            "--input-len",
            "8",
            "--output-len",
            "4",
            "--num-prompts",
            "5",
            "--output-json",
            json.toString()));
    JsonNode throughput = new ObjectMapper().readTree(json.toFile());
    assertEquals(5, throughput.get("num_requests").intValue());
    assertEquals(60, throughput.get("total_num_tokens").intValue());
    assertTrue(throughput.get("requests_per_second").doubleValue() > 0);
    assertEquals(1, Cli.run("bench", "latency", "--num-iters", "0"));
    assertEquals(
        0,
        Cli.run(
            "bench",
            "load",
            "--device",
            "cpu",
            "--num-iters",
            "2",
            "--output-json",
            json.toString()));
    JsonNode load = new ObjectMapper().readTree(json.toFile());
    assertEquals(2, load.get("seconds").size());
    assertTrue(load.get("stored_bytes").longValue() > 1e6);
  }

  @Test
  void coldLoadsStandBesideTheDisk() throws Exception {
    assumeTrue(PageCache.isKnown(), "needs a system that tells what it holds of files");
    Path json = folder.resolve("load.json");
    assertEquals(
        0, Cli.run("bench", "load", "--device", "cpu", "--cold", "--output-json", json.toString()));
    JsonNode load = new ObjectMapper().readTree(json.toFile());
    assertEquals(3, load.get("seconds").size());
    assertTrue(load.get("disk_bytes_per_second").doubleValue() > 1e6);
    assertEquals(1, Cli.run("bench", "load", "--cold", "--load-format", "dummy"));
  }

  @Test
  void checkComparesTheCpuWithItsPlainOps() {
    assertEquals(0, Cli.run("check", "--device", "cpu", "--dtype", "float32", "--draws", "2000"));
  }
}
