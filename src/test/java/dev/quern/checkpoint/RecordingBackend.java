package dev.quern.checkpoint;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.backend.Ops;
import dev.quern.backend.Step;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A backend that only takes weights in: it keeps their parts and reads F32 ones out. */
final class RecordingBackend implements Backend {
  record Taken(String name, DType dtype, List<WeightPart> parts) {}

  record TakenWeight(Taken taken, int rows, int cols, DType dtype) implements Weight {
    @Override
    public long deviceBytes() {
      return (long) rows * cols * dtype.bytes();
    }
  }

  record TakenVector(Taken taken, int rows, int cols, DType dtype) implements Tensor {
    @Override
    public Tensor rows(int from, int count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Tensor shape(int rows, int cols) {
      throw new UnsupportedOperationException();
    }
  }

  final Map<String, Taken> taken = new LinkedHashMap<>();

  @Override
  public Weight matrix(String name, DType dtype, List<WeightPart> parts) {
    int rows = 0;
    for (WeightPart part : parts) rows += part.rows();
    Taken matrix = new Taken(name, dtype, parts);
    taken.put(name, matrix);
    return new TakenWeight(matrix, rows, parts.getFirst().cols(), dtype);
  }

  @Override
  public Tensor vector(String name, List<WeightPart> parts) {
    int cols = 0;
    for (WeightPart part : parts) cols += part.rows() * part.cols();
    Taken vector = new Taken(name, DType.F32, parts);
    taken.put(name, vector);
    return new TakenVector(vector, 1, cols, DType.F32);
  }

  /** The rows of a weight whose parts are stored as F32. */
  float[][] rows(String name) {
    List<float[]> rows = new ArrayList<>();
    for (WeightPart part : taken.get(name).parts()) {
      WeightPart.Stored stored = (WeightPart.Stored) part;
      for (int row = 0; row < stored.rows(); row++) {
        float[] values = new float[stored.cols()];
        for (int col = 0; col < values.length; col++)
          values[col] =
              stored.transposed()
                  ? value(stored, col, stored.storedRow(row))
                  : value(stored, stored.storedRow(row), col);
        rows.add(values);
      }
    }
    return rows.toArray(float[][]::new);
  }

  private static float value(WeightPart.Stored stored, int row, int col) {
    MemorySegment data = stored.data();
    return data.get(
        ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * ((long) row * stored.storedCols() + col));
  }

  @Override
  public String description() {
    return "recording";
  }

  @Override
  public long freeBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public int lookAhead() {
    return 0;
  }

  @Override
  public Tensor constant(String name, int rows, int cols, float[] values) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Tensor activation(String name, int rows, int cols) {
    throw new UnsupportedOperationException();
  }

  @Override
  public KvCache kvCache(KvLayout layout, int blocks) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Batch batch(BatchLimits limits) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Ops ops() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Step capture(StepPart part, int size, Runnable body) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void upload(Batch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void await(Batch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write(Tensor tensor, float[] values) {
    throw new UnsupportedOperationException("not part of what is tested");
  }

  @Override
  public float[] download(Tensor tensor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
