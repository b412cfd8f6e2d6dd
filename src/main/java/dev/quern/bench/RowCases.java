package dev.quern.bench;

import dev.quern.backend.Activation;
import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.Norm;
import dev.quern.backend.Ops;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import java.util.ArrayList;
import java.util.List;

/** Ops on each row of activations. */
final class RowCases {
  private final KernelSizes z;
  private final DType dtype;
  private final List<KernelCase> cases = new ArrayList<>();

  private RowCases(KernelSizes sizes, DType dtype) {
    z = sizes;
    this.dtype = dtype;
  }

  static List<KernelCase> all(KernelSizes sizes, DType dtype) {
    RowCases all = new RowCases(sizes, dtype);
    all.rows(sizes.rows());
    all.rows(sizes.manyRows());
    return all.cases;
  }

  private void add(String name, double elements, double flops, KernelCase.Preparation prepare) {
    cases.add(new KernelCase(name, new Work(elements * dtype.bytes(), flops), prepare));
  }

  /** Ops on each row. */
  private void rows(int rows) {
    int e = z.hidden();
    int f = z.ffn();
    String size = " " + rows + " × ";
    add(
        "embed" + size + e,
        2.0 * rows * e,
        0,
        backend -> {
          Weight table =
              backend.matrix(
                  "table", dtype, List.of(new WeightPart.Random(z.vocabulary(), e, 1, 1, false)));
          return step(z, backend, rows, (ops, batch, x) -> ops.embed(x, table, 1, batch));
        });
    add(
        "norm" + size + e,
        2.0 * rows * e,
        0,
        backend -> {
          Norm norm = norm(backend, e);
          return step(z, backend, rows, (ops, batch, x) -> ops.norm(x, x, norm));
        });
    add(
        "add" + size + e,
        3.0 * rows * e,
        0,
        backend -> {
          Tensor y = backend.activation("y", rows, e);
          return step(z, backend, rows, (ops, batch, x) -> ops.add(y, x, 1));
        });
    add(
        "gatherRows" + size + e,
        2.0 * rows * e,
        0,
        backend -> {
          Tensor y = backend.activation("y", rows, e);
          return step(z, backend, rows, (ops, batch, x) -> ops.gatherRows(y, x, batch, 0));
        });
    add(
        "activation" + size + f,
        2.0 * rows * f,
        0,
        backend -> {
          Tensor y = backend.activation("y", rows, f);
          return step(
              z,
              backend,
              rows,
              (ops, batch, x) -> ops.activation(y, y, Activation.GELU_TANH, null));
        });
    add(
        "gatedActivation" + size + f,
        3.0 * rows * f,
        0,
        backend -> {
          Tensor wide = backend.activation("wide", rows, 2 * f);
          Tensor y = backend.activation("y", rows, f);
          return step(
              z, backend, rows, (ops, batch, x) -> ops.gatedActivation(y, wide, Activation.SILU));
        });
  }

  static Norm norm(Backend backend, int size) {
    Tensor weight = backend.vector("norm", List.of(new WeightPart.Constant(1, size, 1)));
    return new Norm(Norm.Kind.RMS, weight, null, 1e-6f, 0);
  }

  /** Calls of an op with x[T,E]. */
  interface Call {
    void run(Ops ops, Batch batch, Tensor x);
  }

  static KernelCase.Prepared step(KernelSizes z, Backend backend, int rows, Call call) {
    Batch batch = batch(z, backend, rows);
    Tensor x = backend.activation("x", rows, z.hidden());
    return new KernelCase.Prepared(batch, () -> call.run(backend.ops(), batch, x), null);
  }

  /** Rows of any ids and positions, each with a slot of its own. */
  static Batch batch(KernelSizes z, Backend backend, int rows) {
    Batch batch = backend.batch(new BatchLimits(rows, 1, 1, 0));
    batch.tokens = rows;
    batch.logits = rows;
    for (int t = 0; t < rows; t++) {
      batch.tokenIds[t] = (int) (t * 7919L % z.vocabulary());
      batch.positions[t] = t % z.context();
      batch.slots[t] = t;
      batch.logitRows[t] = t;
    }
    return batch;
  }
}
