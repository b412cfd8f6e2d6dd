package dev.quern.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes safetensors files for tests, well-formed or with any header given. */
final class SafetensorsBytes {
  private record F32(int[] shape, float[] values) {}

  private final Map<String, F32> tensors = new LinkedHashMap<>();

  SafetensorsBytes f32(String name, int[] shape, float... values) {
    tensors.put(name, new F32(shape, values));
    return this;
  }

  /** A matrix whose values count up from {@code first}. */
  SafetensorsBytes counting(String name, int first, int... shape) {
    int count = 1;
    for (int dimension : shape) count *= dimension;
    float[] values = new float[count];
    for (int i = 0; i < count; i++) values[i] = first + i;
    return f32(name, shape, values);
  }

  Path write(Path file) throws IOException {
    StringBuilder header = new StringBuilder("{");
    int offset = 0;
    for (var entry : tensors.entrySet()) {
      int end = offset + 4 * entry.getValue().values().length;
      if (header.length() > 1) header.append(',');
      header
          .append("\"%s\":{\"dtype\":\"F32\",\"shape\":".formatted(entry.getKey()))
          .append(java.util.Arrays.toString(entry.getValue().shape()))
          .append(",\"data_offsets\":[%d,%d]}".formatted(offset, end));
      offset = end;
    }
    ByteBuffer data = ByteBuffer.allocate(offset).order(ByteOrder.LITTLE_ENDIAN);
    for (F32 tensor : tensors.values()) for (float value : tensor.values()) data.putFloat(value);
    return Files.write(file, file(header.append('}').toString(), data.array()));
  }

  static byte[] file(String header, byte[] data) {
    return file(header.getBytes(StandardCharsets.UTF_8), data);
  }

  static byte[] file(byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }
}
