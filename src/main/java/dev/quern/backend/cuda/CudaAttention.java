package dev.quern.backend.cuda;

import dev.quern.backend.Attention;
import dev.quern.backend.DType;

/**
 * Chooses the attention kernel. Rows that feed one token each go to the decode kernel, split over
 * the context when there are too few rows to fill the chip; prompts go to the prefill kernel; other
 * types and head dimensions to the plain one.
 */
final class CudaAttention {
  private static final int DECODE_WARPS = 4;
  private static final int MAX_SPLITS = 16;
  static final long PARTS_BYTES = 16L << 20;

  private final KernelModule kernels;
  private final int multiprocessors;
  private final boolean batchInvariant;
  private final long parts;
  private final long stream;

  /**
   * @param batchInvariant the plain kernel alone, whose order of summation is the same whatever
   *     else is in the batch and however a prompt is split
   * @param parts scratch of {@link #PARTS_BYTES} for the partial sums of split attention
   */
  CudaAttention(
      KernelModule kernels, int multiprocessors, boolean batchInvariant, long parts, long stream) {
    this.kernels = kernels;
    this.multiprocessors = multiprocessors;
    this.batchInvariant = batchInvariant;
    this.parts = parts;
    this.stream = stream;
  }

  void run(
      CudaTensor out, CudaTensor qkv, CudaKvCache kv, int layer, Attention a, DeviceBatch batch) {
    int dim = a.headDim();
    boolean fast =
        !batchInvariant
            && qkv.dtype() != DType.F32
            && (dim == 64 || dim == 80 || dim == 96 || dim == 128 || dim == 256);
    if (!fast) {
      plain(out, qkv, kv, layer, a, batch);
    } else if (batch.decodeOnly()) {
      decode(out, qkv, kv, layer, a, batch);
    } else {
      // Sequences that feed one token come first in a step; a tile would hold little else.
      int decodes = batch.leadingDecodes();
      if (decodes > 0) {
        decode(out.rows(0, decodes), qkv, kv, layer, a, batch);
      }
      prefill(out, qkv, kv, layer, a, batch);
    }
  }

  private void plain(
      CudaTensor out, CudaTensor qkv, CudaKvCache kv, int layer, Attention a, DeviceBatch batch) {
    kernels
        .kernel("attention", qkv.dtype(), "ppKipppppifif")
        .pointer(out.address())
        .pointer(qkv.address())
        .kv(kv)
        .integer(layer)
        .pointer(batch.positions())
        .pointer(batch.rowSequences())
        .pointer(batch.blockStarts())
        .pointer(batch.blockTable())
        .pointer(slopes(a))
        .integer(a.heads())
        .real(a.scale())
        .integer(a.window())
        .real(a.softcap())
        .launch(out.rows(), a.heads(), 1, 128, 0, stream);
  }

  private void decode(
      CudaTensor out, CudaTensor qkv, CudaKvCache kv, int layer, Attention a, DeviceBatch batch) {
    int rows = out.rows();
    int headTiles = a.kvHeads() * Math.ceilDiv(a.heads() / a.kvHeads(), 16);
    // Two blocks a multiprocessor fill the chip; each split joins its own partial sums.
    int splits = Math.clamp(2L * multiprocessors / ((long) rows * headTiles), 1, MAX_SPLITS);
    int stages = a.headDim() == 64 ? 4 : a.headDim() == 256 ? 2 : 3;
    int shared =
        Math.max(
            DECODE_WARPS * stages * 2 * 16 * (a.headDim() + 8) * 2,
            DECODE_WARPS * 8 * a.headDim() * 4);
    long partBytes = 4L * rows * a.heads() * splits * (a.headDim() + 2);
    if (splits > 1 && partBytes > PARTS_BYTES) {
      throw new IllegalStateException("attention parts take " + partBytes + " bytes");
    }
    kernels
        .kernel("attention_decode_" + a.headDim(), qkv.dtype(), "pppKpppppG")
        .pointer(out.address())
        .pointer(splits == 1 ? 0 : parts)
        .pointer(qkv.address())
        .kv(kv)
        .pointer(batch.positions())
        .pointer(batch.rowSequences())
        .pointer(batch.blockStarts())
        .pointer(batch.blockTable())
        .pointer(slopes(a))
        .geometry(a.heads(), layer, a.window(), a.scale(), a.softcap())
        .launch(rows, headTiles, splits, 32 * DECODE_WARPS, shared, stream);
    if (splits > 1) {
      kernels
          .kernel("attention_join", qkv.dtype(), "ppii")
          .pointer(out.address())
          .pointer(parts)
          .integer(a.headDim())
          .integer(splits)
          .launch(rows, a.heads(), 1, Math.max(32, Math.min(128, a.headDim())), 0, stream);
    }
  }

  private void prefill(
      CudaTensor out, CudaTensor qkv, CudaKvCache kv, int layer, Attention a, DeviceBatch batch) {
    int tile = a.headDim() == 256 ? 32 : 64;
    int shared = 2 * 2 * tile * (a.headDim() + 8) * 2;
    kernels
        .kernel("attention_prefill_" + a.headDim(), qkv.dtype(), "ppKppppppG")
        .pointer(out.address())
        .pointer(qkv.address())
        .kv(kv)
        .pointer(batch.tiles())
        .pointer(batch.positions())
        .pointer(batch.seqStarts())
        .pointer(batch.blockStarts())
        .pointer(batch.blockTable())
        .pointer(slopes(a))
        .geometry(a.heads(), layer, a.window(), a.scale(), a.softcap())
        .launch(
            batch.tileCount(a.heads() / a.kvHeads(), stream), a.kvHeads(), 1, 128, shared, stream);
  }

  private static long slopes(Attention a) {
    return a.alibiSlopes() == null ? 0 : ((CudaTensor) a.alibiSlopes()).address();
  }
}
