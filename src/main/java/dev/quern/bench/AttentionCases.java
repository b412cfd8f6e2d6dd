package dev.quern.bench;

import dev.quern.backend.Attention;
import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.backend.Norm;
import dev.quern.backend.Rope;
import dev.quern.backend.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What lies between the projections of attention: rotation, the cache, attention itself. */
final class AttentionCases {
  private static final int BLOCK = 16;

  private final KernelSizes z;
  private final DType dtype;
  private final List<KernelCase> cases = new ArrayList<>();

  private AttentionCases(KernelSizes sizes, DType dtype) {
    z = sizes;
    this.dtype = dtype;
  }

  static List<KernelCase> all(KernelSizes sizes, DType dtype) {
    AttentionCases all = new AttentionCases(sizes, dtype);
    all.rotation(sizes.rows());
    all.rotation(sizes.manyRows());
    all.attention("attention decode", sizes.rows(), 1);
    all.attention("attention prefill", sizes.prompts(), sizes.context());
    return all.cases;
  }

  private void add(String name, double elements, double flops, KernelCase.Preparation prepare) {
    cases.add(new KernelCase(name, new Work(elements * dtype.bytes(), flops), prepare));
  }

  private void rotation(int rows) {
    // All is read and written, and k and v are written once more.
    add(
        "rotateAndStore %d × %d".formatted(rows, z.qkvCols()),
        2.0 * rows * z.qkvCols() + 2.0 * rows * z.kvHeads() * z.headDim(),
        0,
        backend -> {
          Attention a = shape(RowCases.norm(backend, z.headDim()), rope(backend));
          KvCache kv = cache(backend, Math.ceilDiv(rows, BLOCK));
          Tensor qkv = backend.activation("qkv", rows, z.qkvCols());
          Batch batch = RowCases.batch(z, backend, rows);
          return new KernelCase.Prepared(
              batch, () -> backend.ops().rotateAndStore(qkv, kv, 0, a, batch), kv);
        });
  }

  /** Sequences that end at {@code context} tokens, of which each feeds the last {@code fresh}. */
  private void attention(String name, int sequences, int fresh) {
    int context = z.context();
    int rows = sequences * fresh;
    double pairs = 0; // of a query and a key
    for (int p = context - fresh; p < context; p++) {
      pairs += (double) sequences * (p + 1);
    }
    add(
        "%s %d × %d of %d".formatted(name, sequences, fresh, context),
        2.0 * sequences * context * z.kvHeads() * z.headDim()
            + 2.0 * rows * z.heads() * z.headDim(),
        4 * pairs * z.heads() * z.headDim(),
        backend -> {
          int blocks = Math.ceilDiv(context, BLOCK);
          KvCache kv = cache(backend, sequences * blocks);
          Batch batch = backend.batch(new BatchLimits(rows, sequences, blocks, 0));
          batch.tokens = rows;
          batch.sequences = sequences;
          for (int s = 0; s < sequences; s++) {
            batch.seqStarts[s + 1] = (s + 1) * fresh;
            batch.kvLengths[s] = context;
            for (int b = 0; b < blocks; b++) {
              batch.blockTables[s * blocks + b] = s * blocks + b;
            }
            for (int t = 0; t < fresh; t++) {
              batch.positions[s * fresh + t] = context - fresh + t;
            }
          }
          Attention a = shape(null, null);
          Tensor qkv = backend.activation("qkv", rows, z.qkvCols());
          Tensor out = backend.activation("out", rows, z.heads() * z.headDim());
          return new KernelCase.Prepared(
              batch, () -> backend.ops().attention(out, qkv, kv, 0, a, batch), kv);
        });
  }

  private Attention shape(Norm norm, Rope rope) {
    return new Attention(
        null,
        null,
        z.heads(),
        z.kvHeads(),
        z.headDim(),
        (float) (1 / Math.sqrt(z.headDim())),
        0,
        0,
        null,
        norm,
        norm,
        false,
        false,
        0,
        rope,
        null);
  }

  private KvCache cache(Backend backend, int blocks) {
    return backend.kvCache(
        new KvLayout(1, z.kvHeads(), z.headDim(), BLOCK, backend.activationType()), blocks);
  }

  private Rope rope(Backend backend) {
    float[] table = new float[z.context() * z.headDim()];
    return new Rope(backend.constant("rope", z.context(), z.headDim(), table), z.headDim(), false);
  }
}
