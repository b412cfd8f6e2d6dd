package dev.quern.check;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.Norm;
import dev.quern.backend.Ops;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * One of the two backends in a check. The same body runs on both with the same seed, so both get
 * the same inputs; outputs are poisoned with NaN before, and compared in the order in which they
 * were made.
 */
final class Side {
  final Backend backend;
  final Ops ops;
  final DType dtype;
  final Values values;
  private final List<Supplier<float[]>> outputs = new ArrayList<>();

  Side(Backend backend, DType dtype, long seed) {
    this.backend = backend;
    this.dtype = dtype;
    ops = backend.ops();
    values = new Values(seed, dtype);
  }

  Tensor input(int rows, int cols) {
    return input(rows, cols, 2);
  }

  Tensor input(int rows, int cols, float scale) {
    Tensor tensor = backend.activation("input", rows, cols);
    backend.write(tensor, values.uniform(rows * cols, scale));
    return tensor;
  }

  /** A tensor that the op reads and writes, and that is compared. */
  Tensor inPlace(int rows, int cols) {
    Tensor tensor = input(rows, cols);
    outputs.add(() -> backend.download(tensor));
    return tensor;
  }

  Tensor output(int rows, int cols) {
    return poisoned(backend.activation("output", rows, cols));
  }

  /** An fp32 output. */
  Tensor logits(int rows, int cols) {
    return poisoned(backend.logits(rows, cols));
  }

  private Tensor poisoned(Tensor tensor) {
    float[] poison = new float[tensor.rows() * tensor.cols()];
    Arrays.fill(poison, Float.NaN);
    backend.write(tensor, poison);
    outputs.add(() -> backend.download(tensor));
    return tensor;
  }

  /** An fp32 tensor of given values that the op reads and writes, and that is compared. */
  Tensor logits(int rows, int cols, float[] values) {
    Tensor tensor = backend.logits(rows, cols);
    backend.write(tensor, values);
    outputs.add(() -> backend.download(tensor));
    return tensor;
  }

  /** Values on the host that are compared. */
  void note(float[] values) {
    outputs.add(() -> values);
  }

  /** Ids on the host that are compared, exact as floats. */
  void note(int[] ids) {
    float[] values = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      values[i] = ids[i];
    }
    note(values);
  }

  Weight weight(int rows, int cols) {
    return backend.matrix(
        "weight", dtype, List.of(part(rows, cols, values.uniform(rows * cols, 0.5f))));
  }

  Tensor vector(int length) {
    return backend.vector("vector", List.of(part(1, length, values.uniform(length, 1, 0.5f))));
  }

  private static WeightPart part(int rows, int cols, float[] values) {
    MemorySegment copy = Arena.ofAuto().allocate(4L * values.length, 4);
    MemorySegment.copy(values, 0, copy, JAVA_FLOAT, 0, values.length);
    return WeightPart.Stored.whole(copy, DType.F32, rows, cols);
  }

  Norm norm(Norm.Kind kind, int size) {
    boolean layer = kind == Norm.Kind.LAYER;
    return new Norm(kind, vector(size), layer ? vector(size) : null, 1e-5f, layer ? 0 : 1);
  }

  /** What the body wrote, tensor by tensor. */
  List<float[]> results() {
    List<float[]> results = new ArrayList<>();
    for (Supplier<float[]> output : outputs) {
      results.add(output.get());
    }
    return results;
  }
}
