package dev.quern.backend.cuda;

import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.Norm;

/** Norms and rotations of queries and keys, fused with the KV cache's write. */
final class CudaRotation {
  private static final int ROW_THREADS = 256;

  private final StepInputs inputs;
  private final KernelModule kernels;
  private final long stream;

  CudaRotation(StepInputs inputs, KernelModule kernels, long stream) {
    this.inputs = inputs;
    this.kernels = kernels;
    this.stream = stream;
  }

  /** With a cache, k and v are stored by the same kernel. */
  void rotate(CudaTensor qkv, CudaKvCache kv, int layer, Attention a, Batch batch) {
    Norm q = a.qNorm();
    Norm k = a.kNorm();
    boolean layerNorm = q != null && q.kind() == Norm.Kind.LAYER;
    if (q != null && a.wholeNorm()) {
      kernels
          .kernel("whole_norm", qkv.dtype(), "pppppiiififf")
          .pointer(qkv.address())
          .pointer(CudaTensor.addressOf(q.weight()))
          .pointer(CudaTensor.addressOf(q.bias()))
          .pointer(CudaTensor.addressOf(k.weight()))
          .pointer(CudaTensor.addressOf(k.bias()))
          .integer(a.heads())
          .integer(a.kvHeads())
          .integer(a.headDim())
          .real(a.clampQkv())
          .integer(layerNorm ? 1 : 0)
          .real(q.eps())
          .real(q.weightOffset())
          .launch(qkv.rows(), 2, 1, ROW_THREADS, 0, stream);
    }
    boolean perHead = q != null && !a.wholeNorm();
    boolean nothing = !perHead && a.rope() == null && a.clampQkv() == 0 && a.queryScale() == null;
    if (kv == null && nothing) {
      return;
    }
    kernels
        .kernel("qk_norm_rope", qkv.dtype(), "ppppppppiiiiifiiiffKpi")
        .pointer(qkv.address())
        .pointer(inputs.inputs(batch).positions())
        .pointer(perHead ? CudaTensor.addressOf(q.weight()) : 0)
        .pointer(perHead ? CudaTensor.addressOf(q.bias()) : 0)
        .pointer(perHead ? CudaTensor.addressOf(k.weight()) : 0)
        .pointer(perHead ? CudaTensor.addressOf(k.bias()) : 0)
        .pointer(a.rope() == null ? 0 : CudaTensor.addressOf(a.rope().cosSin()))
        .pointer(CudaTensor.addressOf(a.queryScale()))
        .integer(a.heads())
        .integer(a.kvHeads())
        .integer(a.headDim())
        .integer(a.rope() == null ? 0 : a.rope().rotaryDim())
        .integer(a.rope() != null && a.rope().interleaved() ? 1 : 0)
        .real(a.clampQkv())
        .integer(normOrder(a))
        .integer(perHead && weightPerHead(q, a) ? 1 : 0)
        .integer(layerNorm ? 1 : 0)
        .real(perHead ? q.eps() : 0)
        .real(perHead ? q.weightOffset() : 0)
        .kv(kv)
        .pointer(kv == null ? 0 : inputs.inputs(batch).slots())
        .integer(layer)
        .launch(qkv.rows(), a.heads() + 2 * a.kvHeads(), 1, 64, 0, stream);
  }

  /** rope.cu's {@code norm}. */
  private static int normOrder(Attention a) {
    if (a.qNorm() == null) {
      return 0;
    }
    return a.wholeNorm() ? 3 : a.normAfterRope() ? 2 : 1;
  }

  /** Each head has its own part of the weight [1,H·D]. */
  private static boolean weightPerHead(Norm norm, Attention a) {
    return norm.weight() != null && norm.weight().cols() != a.headDim();
  }
}
