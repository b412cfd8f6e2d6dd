package dev.quern.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void readsWhatTheOfficialLibraryWrote() throws Exception {
    Path file = Path.of(getClass().getResource("/checkpoint/official.safetensors").toURI());
    Map<String, StoredTensor> tensors = new HashMap<>();
    long end = 0;
    for (StoredTensor tensor : Safetensors.open(file)) {
      assertTrue(tensor.fileOffset() >= end, "in the order of the file");
      end = tensor.fileOffset() + tensor.data().byteSize();
      assertTrue(tensor.data().isNative() && tensor.data().isReadOnly(), "mapped");
      tensors.put(tensor.name(), tensor);
    }
    assertEquals(Files.size(file), end);
    assertEquals(10, tensors.size());

    assertRamp(tensors.get("f32.matrix"), StoredType.F32, -1, 3, 5);
    assertRamp(tensors.get("f16.matrix"), StoredType.F16, 2, 2, 7);
    assertRamp(tensors.get("bf16.matrix"), StoredType.BF16, -3, 4, 3);
    assertRamp(tensors.get("bf16.vector"), StoredType.BF16, 1, 6);
    assertRamp(tensors.get("naïve \"name\" \\ 名前 🙂"), StoredType.F32, 7, 1, 2);
    assertArrayEquals(new long[0], tensors.get("f32.scalar").shape());
    assertEquals(42.5f, values(tensors.get("f32.scalar"))[0]);
    assertArrayEquals(new long[] {0, 4}, tensors.get("f32.empty").shape());
    assertEquals(0, tensors.get("f32.empty").data().byteSize());
    assertEquals(StoredType.I64, tensors.get("i64.positions").type());
    assertEquals(StoredType.U8, tensors.get("u8.mask").type());
    assertEquals(StoredType.F8_E4M3, tensors.get("fp8.e4m3").type());
  }

  private static void assertRamp(StoredTensor tensor, StoredType type, float start, long... shape) {
    assertEquals(type, tensor.type());
    assertArrayEquals(shape, tensor.shape());
    float[] values = values(tensor);
    for (int i = 0; i < values.length; i++) assertEquals(start + 0.25f * i, values[i]);
  }

  static float[] values(StoredTensor tensor) {
    ByteBuffer bytes = tensor.data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.capacity() / tensor.type().dtype().bytes()];
    for (int i = 0; i < values.length; i++)
      values[i] =
          switch (tensor.type().dtype()) {
            case F32 -> bytes.getFloat();
            case F16 -> Float.float16ToFloat(bytes.getShort());
            case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
          };
    return values;
  }

  @Test
  void acceptsAnyOrderEmptyTensorsAndPadding() throws IOException {
    String header =
        """
        {"b":{"shape":[2],"data_offsets":[4,12],"dtype":"F32"},
         "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
         "e":{"dtype":"I8","shape":[0,7],"data_offsets":[4,4]},
         "s":{"dtype":"F4","shape":[4],"data_offsets":[12,14]}}  \s
        """;
    Files.write(folder.resolve("m"), SafetensorsBytes.file(header, new byte[14]));
    var names = Safetensors.open(folder.resolve("m")).stream().map(StoredTensor::name).toList();
    assertEquals(java.util.List.of("a", "e", "b", "s"), names);
  }

  @Test
  void mapsUnalignedData() throws IOException {
    byte[] data = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(1.5f).array();
    String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    for (int padding = 0; padding < 4; padding++) {
      Path file = folder.resolve("m" + padding);
      Files.write(file, SafetensorsBytes.file(header + " ".repeat(padding), data));
      assertEquals(
          1.5f, Safetensors.open(file).getFirst().data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
    }
  }

  /** Each header describes 8 bytes of data wrongly; %s is what the message must say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [] | not a JSON object
          "x" | not a JSON object
           {} | not a JSON object
          {} | 8 bytes follow the last tensor
          { | not valid JSON
          {}{} | follows the header's JSON object
          {"a":1} | tensor "a" is not described by an object
          {"a":{"dtype":"F32","shape":[2]}} | tensor "a" has no data_offsets
          {"a":{"dtype":"F32","data_offsets":[0,8]}} | tensor "a" has no shape
          {"a":{"shape":[2],"data_offsets":[0,8]}} | tensor "a" has no dtype
          {"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}} | tensor "a" has an unknown dtype "Q4"
          {"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}} | tensor "a" has an unknown dtype "7"
          {"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}} | two dtypes
          {"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}} | two shapes
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]}} | data_offsets twice
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]}} | unknown field "strides"
          {"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}} | shape that is no array
          {"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}} | "2.0" in its shape
          {"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}} | "2" in its shape
          {"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}} | in its shape
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | "-2" in its shape
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[-0,8]}} | "-0" in its data_offsets
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}} | not a pair
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}} | more than 2 values in its data_offsets
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}} | is F32 [3], 12 bytes, but its data_offsets [0, 8] hold 8
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | ends at byte 0 before it begins at 8
          {"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,8]}} | overflows
          {"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | overflows
          {"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8]}} | overflows
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}} | overflows
          {"a":{"dtype":"F4","shape":[1],"data_offsets":[0,0]}} | not a whole number of bytes
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor "b" begins at byte 4 and overlaps "a", which ends at 8
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor "a" begins at byte 4 and leaves a gap of 4 bytes
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 4 bytes follow the last tensor
          {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}} | ends at byte 16 but the file holds 8 bytes of data
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor "a" appears twice
          {"__metadata__":{},"__metadata__":{},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | appears twice
          {"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | "__metadata__" is not an object
          {"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | the value of "k" is not a string
          {"__metadata__":{"k":{"l":""}},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | the value of "k" is not a string
          {"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | half a surrogate pair
          {"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}} | more than 32 values in its shape
          """)
  void refusesTheHeader(String header, String reason) throws IOException {
    // CSV trims, so the one header that begins with a space is put together here.
    String text = reason.equals("not a JSON object") && header.equals("{}") ? " {}" : header;
    refused(SafetensorsBytes.file(text, new byte[8]), reason);
  }

  @Test
  void refusesLengths() throws IOException {
    refused(new byte[0], "0 bytes are too few");
    refused(new byte[7], "7 bytes are too few");
    refused(new byte[8], "not a JSON object");
    refused(withLength(-1), "18446744073709551615 exceeds");
    refused(withLength(Long.MIN_VALUE), "exceeds");
    refused(withLength(100_000_001), "exceeds");
    refused(withLength(3), "goes beyond the file");
  }

  private static byte[] withLength(long length) {
    return ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
  }

  @Test
  void refusesBytesThatAreNotUtf8() throws IOException {
    byte[] header =
        "{\"a?\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            .getBytes(StandardCharsets.US_ASCII);
    header[3] = (byte) 0xff;
    refused(SafetensorsBytes.file(header, new byte[8]), "not valid UTF-8");
  }

  @Test
  void refusesDeepNestingAndEndlessNames() throws IOException {
    refused(SafetensorsBytes.file("{\"a\":" + "[".repeat(100_000), new byte[0]), "");
    refused(
        SafetensorsBytes.file(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":" + "[".repeat(100_000), new byte[0]),
        "");
    refused(
        SafetensorsBytes.file("{\"" + "a".repeat(20_000_000), new byte[0]),
        "a string of more than");
    String name =
        "{\"" + "a".repeat(20_000) + "\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[0,0]}}";
    refused(SafetensorsBytes.file(name, new byte[0]), "exceeds a limit");
  }

  @Test
  void refusesWhatIsNoFile() {
    assertReason("there is no such file", folder.resolve("absent"));
    assertReason("is a folder", folder);
  }

  private void refused(byte[] bytes, String reason) throws IOException {
    Path file = folder.resolve("bad.safetensors");
    Files.write(file, bytes);
    assertReason(reason, file);
    Files.delete(file);
  }

  private static void assertReason(String reason, Path file) {
    var refusal = assertThrows(CheckpointException.class, () -> Safetensors.open(file));
    assertTrue(
        refusal.getMessage().startsWith(file + ": ") && refusal.getMessage().contains(reason),
        () -> refusal.getMessage() + "\ndoes not say: " + reason);
  }
}
