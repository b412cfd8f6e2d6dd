package dev.quern.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
  @TempDir Path folder;

  private Checkpoint.Stored open() {
    return (Checkpoint.Stored) Checkpoint.open(folder, LoadFormat.SAFETENSORS);
  }

  private void shard(String file, String... tensors) throws IOException {
    SafetensorsBytes bytes = new SafetensorsBytes();
    for (String tensor : tensors) bytes.counting(tensor, file.length(), 2);
    bytes.write(folder.resolve(file));
  }

  private void index(String weightMap) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\":{\"total_size\":16,\"x\":[{}]},\"weight_map\":" + weightMap + "}");
  }

  private String refusal() {
    return assertThrows(CheckpointException.class, this::open).getMessage();
  }

  @Test
  void readsTheShardsOfAnIndexInNaturalOrder() throws IOException {
    shard("m-10.safetensors", "c");
    shard("m-2.safetensors", "b", "a");
    shard("m-x.safetensors", "a", "z");
    index("{\"a\":\"m-2.safetensors\",\"c\":\"m-10.safetensors\",\"b\":\"m-2.safetensors\"}");
    assertEquals(List.of("b", "a", "c"), List.copyOf(open().names()));
    assertEquals(24, open().bytes());
    assertEquals(folder.resolve("m-10.safetensors"), open().get("c").file());
  }

  @Test
  void theIndexDecidesBetweenDuplicates() throws IOException {
    shard("m-1.safetensors", "a", "b");
    shard("m-2.safetensors", "a");
    index("{\"a\":\"m-2.safetensors\",\"b\":\"m-1.safetensors\"}");
    assertEquals(folder.resolve("m-2.safetensors"), open().get("a").file());
    assertEquals(2, open().names().size());
  }

  @Test
  void refusesShardsThatDoNotFitTheirIndex() throws IOException {
    shard("m-1.safetensors", "a", "b");
    index("{\"a\":\"m-1.safetensors\",\"z\":\"m-1.safetensors\"}");
    assertTrue(refusal().contains("1 tensor(s) are not where the index says, such as \"z\""));
    index("{\"a\":\"m-1.safetensors\",\"z\":\"m-2.safetensors\"}");
    assertTrue(refusal().contains("m-2.safetensors: is missing, and model.safetensors.index.json"));
    shard("m-2.safetensors", "b", "z");
    assertTrue(refusal().contains("\"b\" is also in m-1.safetensors, and model"), refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":"../m.safetensors"} | not a plain file name
          {"a":"/etc/passwd"} | not a plain file name
          {"a":"sub/m.safetensors"} | not a plain file name
          {"a":"..\\\\m"} | not a plain file name
          {"a":""} | not a plain file name
          {"a":1} | does not name a file for tensor "a"
          {"a":"m","a":"m"} | names tensor "a" twice
          [] | is not an object
          {} | has no weight_map
          {"a":"m"},"weight_map":{"a":"m"} | two weight_maps
          {"a":"m"}} { | goes on after its JSON object
          {"a":"m" | not valid JSON in line 1
          """)
  void refusesABadIndex(String weightMap, String reason) throws IOException {
    index(weightMap);
    assertTrue(refusal().contains("index.json: ") && refusal().contains(reason), this::refusal);
  }

  @Test
  void withoutAnIndexTheOneFileCountsElseAll() throws IOException {
    shard("b-10.safetensors", "b10");
    shard("b-9.safetensors", "b9");
    shard("consolidated.safetensors", "other");
    shard("adapter_model.safetensors", "lora");
    assertEquals(List.of("b9", "b10"), List.copyOf(open().names()));
    shard("model.safetensors", "m");
    assertEquals(List.of("m"), List.copyOf(open().names()));
  }

  @Test
  void refusesTheSameTensorInTwoFilesWithoutAnIndex() throws IOException {
    shard("b-1.safetensors", "t");
    shard("b-2.safetensors", "t");
    assertTrue(refusal().contains("b-2.safetensors: tensor \"t\" is also in b-1.safetensors"));
  }

  @Test
  void saysWhatIsThereInstead() throws IOException {
    assertTrue(refusal().contains("holds no model weights: no *.safetensors"));
    Files.createFile(folder.resolve("model.gguf"));
    shard("consolidated.safetensors", "w");
    assertTrue(
        refusal()
            .contains(
                "there are consolidated.safetensors, model.gguf, which --load-format does not"),
        this::refusal);
    String noFolder =
        assertThrows(
                CheckpointException.class,
                () -> Checkpoint.open(folder.resolve("x"), LoadFormat.AUTO))
            .getMessage();
    assertTrue(noFolder.endsWith("x: is not a folder"), noFolder);
  }

  @Test
  void parsesLoadFormats() {
    assertEquals(LoadFormat.AUTO, LoadFormat.parse("auto"));
    assertEquals(LoadFormat.SAFETENSORS, LoadFormat.parse(" Safetensors"));
    assertEquals(LoadFormat.DUMMY, LoadFormat.parse("dummy"));
    for (String name : new String[] {"gguf", "tensorizer"})
      assertEquals(
          "load format '"
              + name
              + "' is not supported yet; use one of: auto, hf, safetensors, pt, npcache, mistral,"
              + " dummy",
          assertThrows(CheckpointException.class, () -> LoadFormat.parse(name)).getMessage());
    assertTrue(
        assertThrows(CheckpointException.class, () -> LoadFormat.parse("nonsense"))
            .getMessage()
            .contains("'nonsense' is unknown"));
  }

  @Test
  void sortsNumbersByValue() {
    List<String> names =
        new ArrayList<>(List.of("m-10", "m-9", "m", "m-09", "m-2-b", "m-2-a", "n"));
    names.sort(new NaturalOrder());
    assertEquals(List.of("m", "m-2-a", "m-2-b", "m-09", "m-9", "m-10", "n"), names);
  }
}
