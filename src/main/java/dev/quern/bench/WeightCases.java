package dev.quern.bench;

import dev.quern.backend.Activation;
import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.Linear;
import dev.quern.backend.Mlp;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Matrix products, and how weights come in. */
final class WeightCases {
  private final KernelSizes z;
  private final DType dtype;
  private final List<KernelCase> cases = new ArrayList<>();

  private WeightCases(KernelSizes sizes, DType dtype) {
    z = sizes;
    this.dtype = dtype;
  }

  static List<KernelCase> all(KernelSizes sizes, DType dtype) {
    WeightCases all = new WeightCases(sizes, dtype);
    for (int rows : new int[] {1, 8, 32, sizes.rows(), sizes.productRows()}) {
      all.products(rows);
    }
    all.placing();
    return all.cases;
  }

  private void add(String name, double elements, double flops, KernelCase.Preparation prepare) {
    cases.add(new KernelCase(name, new Work(elements * dtype.bytes(), flops), prepare));
  }

  private Weight weight(Backend backend, int rows, int cols) {
    return backend.matrix(
        "weight", dtype, List.of(new WeightPart.Random(rows, cols, rows, 0.05f, false)));
  }

  /** A large product, and as the first half of a gated MLP. */
  private void products(int rows) {
    int n = z.wideOutputs();
    int k = z.wideInputs();
    String size = " %d × %d × %d".formatted(rows, n, k);
    double flops = 2.0 * rows * n * k;
    double read = (double) n * k + (double) rows * k;
    add(
        "linear" + size,
        read + (double) rows * n,
        flops,
        backend -> {
          Linear linear = new Linear(weight(backend, n, k), null);
          Tensor x = random(backend, rows, k);
          Tensor y = backend.activation("y", rows, n);
          return RowCases.step(z, backend, rows, (ops, batch, ignored) -> ops.linear(y, x, linear));
        });
    add(
        "mlpInner" + size,
        read + (double) rows * n / 2,
        flops,
        backend -> {
          Linear up = new Linear(weight(backend, n, k), null);
          Mlp mlp = new Mlp(up, null, Activation.SILU, null, true, n / 2);
          Tensor x = random(backend, rows, k);
          Tensor wide = backend.activation("wide", rows, n);
          Tensor y = backend.activation("y", rows, n / 2);
          return RowCases.step(
              z, backend, rows, (ops, batch, ignored) -> ops.mlpInner(y, x, null, mlp, wide, null));
        });
  }

  /** Random values, since the arithmetic of zeros takes less power and so less time. */
  private static Tensor random(Backend backend, int rows, int cols) {
    Tensor x = backend.activation("x", rows, cols);
    backend.write(x, LogitCases.random(rows * cols));
    return x;
  }

  /** Weights of another type than the file's, as they lie and transposed, and dummy ones. */
  private void placing() {
    int n = z.wideInputs();
    int k = z.wideInputs();
    DType stored = dtype == DType.F32 ? DType.BF16 : DType.F32;
    double bytes = (double) n * k * (stored.bytes() + dtype.bytes());
    for (boolean transposed : new boolean[] {false, true}) {
      String name = "place %d × %d of %s%s";
      cases.add(
          new KernelCase(
              name.formatted(n, k, stored.torchName(), transposed ? " transposed" : ""),
              new Work(bytes, 0),
              backend -> {
                MemorySegment data = Arena.ofAuto().allocate((long) n * k * stored.bytes(), 4);
                WeightPart part =
                    new WeightPart.Stored(data, stored, k, n, 0, n, n, 1, transposed, null);
                return placed(backend, part);
              }));
    }
    add(
        "fill %d × %d".formatted(z.wideOutputs(), k),
        (double) z.wideOutputs() * k,
        0,
        backend -> placed(backend, new WeightPart.Random(z.wideOutputs(), k, 1, 1, false)));
  }

  private KernelCase.Prepared placed(Backend backend, WeightPart part) {
    return RowCases.step(
        z, backend, 1, (ops, batch, x) -> backend.matrix("weight", dtype, List.of(part)));
  }
}
