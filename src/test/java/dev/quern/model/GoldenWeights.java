package dev.quern.model;

import dev.quern.model.WeightSlot.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of the golden models: splitmix64 at a counter that starts at the FNV-1a hash of the
 * tensor's name. The same generator is written in {@code golden_models.py}.
 */
final class GoldenWeights {
  private GoldenWeights() {}

  static long fnv1a(String text) {
    long value = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      value = (value ^ (b & 0xff)) * 0x100000001b3L;
    }
    return value;
  }

  /** Uniform in [-1, 1). */
  static float uniform(long hash, long index) {
    long z = hash + (index + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    z ^= z >>> 31;
    return (z >>> 40) * 0x1p-23f - 1f;
  }

  /** Biases around 0, norms around 1, matrices so that a product of a normed row is normed. */
  static float value(String name, long hash, long index, Source shape) {
    float u = uniform(hash, index);
    if (name.endsWith("bias")) {
      return u * 0.25f;
    }
    if (shape.storedRows() == 1) {
      return 1 + u * 0.25f;
    }
    return u * (float) Math.sqrt(3.0 / shape.storedCols());
  }

  /** The stored tensors that a plan reads, by name. */
  static Map<String, Source> tensors(WeightPlan plan) {
    Map<String, Source> tensors = new TreeMap<>();
    for (WeightSlot slot : plan.slots()) {
      for (Source source : slot.sources()) {
        tensors.putIfAbsent(source.tensor(), source);
      }
    }
    return tensors;
  }

  /** A digest of all names and shapes. */
  static String digest(Map<String, Source> tensors) {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, Source> entry : tensors.entrySet()) {
      lines.append(lines.isEmpty() ? "" : "\n").append(entry.getKey()).append(' ');
      Source shape = entry.getValue();
      lines.append(shape.storedRows() == 1 ? "" : shape.storedRows() + "x");
      lines.append(shape.storedCols());
    }
    return "%016x".formatted(fnv1a(lines.toString()));
  }

  /** Writes {@code model.safetensors}, float32, with {@code prefix} before all names. */
  static void write(Path folder, Map<String, Source> tensors, String prefix) throws IOException {
    StringBuilder header = new StringBuilder("{");
    long offset = 0;
    for (Map.Entry<String, Source> entry : tensors.entrySet()) {
      Source shape = entry.getValue();
      long bytes = 4L * shape.storedRows() * shape.storedCols();
      String sizes =
          shape.storedRows() == 1
              ? "" + shape.storedCols()
              : shape.storedRows() + "," + shape.storedCols();
      header
          .append(header.length() == 1 ? "" : ",")
          .append(
              "\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
                  .formatted(prefix + entry.getKey(), sizes, offset, offset + bytes));
      offset += bytes;
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(0, json.length);
    try (OutputStream out = Files.newOutputStream(folder.resolve("model.safetensors"))) {
      out.write(length.array());
      out.write(json);
      for (Map.Entry<String, Source> entry : tensors.entrySet()) {
        Source shape = entry.getValue();
        long hash = fnv1a(entry.getKey());
        int count = shape.storedRows() * shape.storedCols();
        ByteBuffer data = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
          data.putFloat(value(entry.getKey(), hash, i, shape));
        }
        out.write(data.array());
      }
    }
  }
}
