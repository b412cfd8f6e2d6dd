package dev.quern.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchFileTest {
  @TempDir Path folder;

  private static Path fixture(String name) {
    try {
      return Path.of(TorchFileTest.class.getResource("/checkpoint/" + name).toURI());
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, StoredTensor> byName(List<StoredTensor> tensors) {
    Map<String, StoredTensor> map = new HashMap<>();
    for (StoredTensor tensor : tensors) map.put(tensor.name(), tensor);
    return map;
  }

  @ParameterizedTest
  @CsvSource({
    "torch_zip.bin, torch_twin.safetensors, 19",
    "torch_legacy.bin, torch_twin.safetensors, 19",
    "torch_v3.bin, torch_v3.safetensors, 2"
  })
  void readsTheSameBytesAsItsTwin(String file, String twin, int count) {
    Map<String, StoredTensor> expected = byName(Safetensors.open(fixture(twin)));
    Map<String, StoredTensor> actual = byName(TorchFile.open(fixture(file)));
    assertEquals(count, actual.size());
    assertEquals(expected.keySet(), actual.keySet());
    for (StoredTensor tensor : actual.values()) {
      StoredTensor other = expected.get(tensor.name());
      assertEquals(other.type(), tensor.type(), tensor.name());
      assertArrayEquals(other.shape(), tensor.shape(), tensor.name());
      assertEquals(-1, other.data().mismatch(tensor.data()), tensor.name());
      assertTrue(tensor.data().isReadOnly() && tensor.data().isNative());
    }
  }

  @Test
  void sharedStoragesAndViewsAreTheSameBytesOfTheFile() {
    Map<String, StoredTensor> tensors = byName(TorchFile.open(fixture("torch_zip.bin")));
    StoredTensor whole = tensors.get("whole");
    assertEquals(whole.fileOffset(), tensors.get("again").fileOffset());
    assertEquals(whole.data().address(), tensors.get("again").data().address());
    assertEquals(whole.data().address() + 32, tensors.get("rows").data().address());
    assertEquals(whole.fileOffset() + 32, tensors.get("rows").fileOffset());
  }

  private String refusal(Path file) {
    var refusal = assertThrows(CheckpointException.class, () -> TorchFile.open(file));
    assertTrue(refusal.getMessage().startsWith(file + ": "), refusal.getMessage());
    return refusal.getMessage();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          torch_evil.bin | it imports 'posix.system'. Only tensors may be in a checkpoint; nothing
          torch_evil_legacy.bin | it imports 'posix.system'.
          torch_expanded.bin | tensor "w": it repeats a storage of 2 elements to 2000
          torch_training.bin | its entry 'epoch' is a Int, not a tensor: it is not a state dict
          torch_protocol4.bin | is of protocol 4, not 2
          torch_script.bin | it is a TorchScript program
          official.safetensors | it is neither a zip archive nor a pickle of torch
          """)
  void refusesWhatIsNoPlainCheckpoint(String file, String reason) {
    assertTrue(refusal(fixture(file)).contains(reason), () -> refusal(fixture(file)));
    assertFalse(Files.exists(Path.of("/tmp/pwned")));
  }

  /** Every file that is cut off anywhere is refused, in both formats. */
  @ParameterizedTest
  @ValueSource(strings = {"torch_zip.bin", "torch_legacy.bin"})
  void refusesFilesThatAreCutOff(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(fixture(name));
    Path cut = folder.resolve("cut.bin");
    for (int length = 0; length < bytes.length; length += 1 + length / 40) {
      Files.write(cut, java.util.Arrays.copyOf(bytes, length));
      refusal(cut);
    }
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length + 1));
    refusal(cut);
  }

  /** A pickle of one dict around the given instructions. */
  private static byte[] pickle(String... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x80, 2});
    for (String piece : pieces) out.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
    return out.toByteArray();
  }

  private static String text(String text) {
    int n = text.length();
    return "X" + (char) n + "\0\0\0" + text;
  }

  private static String storage(String type, String key, int elements) {
    return "("
        + text("storage")
        + "c"
        + type
        + "\n"
        + text(key)
        + text("cpu")
        + "K"
        + (char) elements
        + "tQ";
  }

  /** w = a tensor of two floats, with the arguments given. */
  private static byte[] tensor(String storage, String offset, String shape, String strides) {
    return pickle(
        "}",
        text("w"),
        "ctorch._utils\n_rebuild_tensor_v2\n(",
        storage,
        offset,
        shape,
        strides,
        "\u0089}tRs.");
  }

  private Path zip(Map<String, byte[]> entries) throws IOException {
    Path file = folder.resolve("made.bin");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var item : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(item.getKey());
        CRC32 crc = new CRC32();
        crc.update(item.getValue());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(item.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(item.getValue());
      }
    }
    return file;
  }

  private Path zip(byte[] pickle, int storageBytes) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("m/data.pkl", pickle);
    entries.put("m/byteorder", "little".getBytes());
    ByteBuffer data = ByteBuffer.allocate(storageBytes).order(ByteOrder.LITTLE_ENDIAN);
    while (data.remaining() >= 4) data.putFloat(data.position() + 0.5f);
    entries.put("m/data/0", data.array());
    return zip(entries);
  }

  private static final String TWO_FLOATS = storage("torch\nFloatStorage", "0", 2);

  @Test
  void readsAFileMadeByHand() throws IOException {
    byte[] pickle = tensor(TWO_FLOATS, "K\1", "K\1\u0085", "K\1\u0085");
    StoredTensor tensor = TorchFile.open(zip(pickle, 8)).getFirst();
    assertEquals(4.5f, tensor.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
    assertEquals(4, tensor.data().byteSize());
  }

  @Test
  void refusesTensorsThatDoNotFitTheirStorage() throws IOException {
    record Case(byte[] pickle, int bytes, String reason) {}
    String one = "K\1\u0085";
    String two = "K\2\u0085";
    String huge = "\u008a\u0008" + "\0\0\0\0\0\0\0@";
    for (Case c :
        List.of(
            new Case(tensor(TWO_FLOATS, "K\0", "K\3\u0085", one), 8, "reaches to element 2 of"),
            new Case(tensor(TWO_FLOATS, "K\1", two, one), 8, "reaches to element 2 of a storage"),
            new Case(tensor(TWO_FLOATS, "K\0", two, one), 12, "storage '0' has 12 bytes, not 8"),
            new Case(tensor(TWO_FLOATS, "K\0", two, two), 8, "reaches to element 2"),
            new Case(
                tensor(TWO_FLOATS, "K\0", huge + huge + "\u0086", "K\1K\1\u0086"), 8, "overflows"),
            new Case(
                tensor(TWO_FLOATS, "K\0", huge + "\u0085", "K\0\u0085"), 8, "repeats a storage"),
            new Case(
                tensor(TWO_FLOATS, "J\u00ff\u00ff\u00ff\u00ff", two, one), 8, "with offset -1"),
            new Case(
                tensor(TWO_FLOATS, "K\0", "J\u00ff\u00ff\u00ff\u00ff\u0085", one), 8, "with -1"),
            new Case(tensor(TWO_FLOATS, "K\0", two, ")"), 8, "strides that do not fit"),
            new Case(
                tensor(storage("torch\nFloatStorage", "../0", 2), "K\0", two, one),
                8,
                "storage '../0' is missing")))
      assertTrue(
          refusal(zip(c.pickle(), c.bytes())).contains(c.reason()),
          () -> c.reason() + ": " + refusal(folder.resolve("made.bin")));
  }

  @Test
  void refusesPicklesThatDoAnythingElse() throws IOException {
    record Case(byte[] pickle, String reason) {}
    for (Case c :
        List.of(
            new Case(pickle("cos\nsystem\n", text("ls"), "\u0085R."), "it imports 'os.system'"),
            new Case(pickle("cbuiltins\neval\n."), "it imports 'builtins.eval'"),
            new Case(pickle("ctorch\nload\n."), "it imports 'torch.load'"),
            new Case(pickle("ctorch\nFloatStorage\n)R."), "in an unknown way"),
            new Case(pickle(")ctorch._utils\n_rebuild_tensor_v2\nR."), "what a call is given"),
            new Case(pickle("(i", "os\nsystem\n."), "the instruction 0x69"),
            new Case(pickle("}}}s."), "as a key of a dict"),
            new Case(pickle("Nt."), "a mark that is not there"),
            new Case(pickle("."), "it takes from an empty stack"),
            new Case(pickle("R"), "it takes from an empty stack"),
            new Case(pickle("h\7."), "it recalls 7"),
            new Case(pickle("]}b."), "it sets the state of a Items"),
            new Case(pickle("}(Nu."), "a key without a value"),
            new Case(pickle("N."), "what was saved is a None, not a Dict"),
            new Case(pickle("X\u00ff\u00ff\u00ff\177"), "cut off in a text"),
            new Case(pickle("N"), "cut off"),
            new Case(pickle("c" + "a".repeat(5000)), "an endless name"),
            new Case(pickle("N".repeat(1_000_001) + "."), "more than 1000000 instructions"),
            new Case(pickle("(".repeat(400_000) + "t".repeat(400_000) + "."), "saved is a Tuple"),
            new Case(pickle(")" + "\u0085".repeat(900_000) + "."), "what was saved is a Tuple"),
            new Case(
                pickle("(" + text("storage") + "K\1" + text("0") + text("cpu") + "K\1tQ."),
                "a storage's type is a Int")))
      assertTrue(
          refusal(zip(c.pickle(), 8)).contains(c.reason()),
          () -> c.reason() + ": " + refusal(folder.resolve("made.bin")));
  }

  @Test
  void refusesArchivesThatTorchDoesNotWrite() throws IOException {
    byte[] good = tensor(TWO_FLOATS, "K\0", "K\2\u0085", "K\1\u0085");
    assertTrue(refusal(zip(Map.of("a/b/data.pkl", good))).contains("it holds no data.pkl"));
    assertTrue(
        refusal(zip(Map.of("a/data.pkl", good, "b/data.pkl", good))).contains("two data.pkl"));
    assertTrue(
        refusal(zip(Map.of("a/data.pkl", good, "a/byteorder", "big".getBytes())))
            .contains("its byte order is 'big'"));
    assertTrue(refusal(zip(Map.of("a/data.pkl", good))).contains("storage '0' is missing"));

    Path compressed = folder.resolve("compressed.bin");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(compressed))) {
      zip.putNextEntry(new ZipEntry("m/data.pkl"));
      zip.write(new byte[10_000_000]);
    }
    assertTrue(refusal(compressed).contains("'m/data.pkl' in it is compressed"));

    byte[] twice = Files.readAllBytes(zip(Map.of("m/data.pkl", good, "n/data.pkl", good)));
    String text =
        new String(twice, StandardCharsets.ISO_8859_1).replace("n/data.pkl", "m/data.pkl");
    Files.write(compressed, text.getBytes(StandardCharsets.ISO_8859_1));
    assertTrue(refusal(compressed).contains("holds 'm/data.pkl' twice"));
  }

  @Test
  void loadsBinFoldersWithAndWithoutAnIndex() throws IOException {
    Files.copy(fixture("torch_zip.bin"), folder.resolve("pytorch_model-2.bin"));
    Files.copy(fixture("torch_v3.bin"), folder.resolve("pytorch_model-10.bin"));
    Files.writeString(folder.resolve("training_args.bin"), "not a checkpoint");
    var all = (Checkpoint.Stored) Checkpoint.open(folder, LoadFormat.AUTO);
    assertEquals(21, all.names().size());
    Files.writeString(
        folder.resolve("pytorch_model.bin.index.json"),
        "{\"weight_map\":{\"fp8\":\"pytorch_model-10.bin\",\"u16\":\"pytorch_model-10.bin\"}}");
    var indexed = (Checkpoint.Stored) Checkpoint.open(folder, LoadFormat.NPCACHE);
    assertEquals(java.util.Set.of("fp8", "u16"), indexed.names());
    new SafetensorsBytes().counting("s", 0, 1).write(folder.resolve("model.safetensors"));
    var first = (Checkpoint.Stored) Checkpoint.open(folder, LoadFormat.HF);
    assertEquals(java.util.Set.of("s"), first.names(), "safetensors come first");
    assertTrue(
        assertThrows(CheckpointException.class, () -> Checkpoint.open(folder, LoadFormat.PT))
            .getMessage()
            .contains("holds no model weights: no *.pt; there are model.safetensors, pytorch"));
  }
}
