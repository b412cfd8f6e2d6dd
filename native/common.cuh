// What every kernel file shares: element types, 16-byte loads, warp and block reductions, programmatic dependent launch.
//
// Notation: T tokens of a step (rows), S sequences, R logit rows, H query heads, Hk KV heads, D head dimension, E hidden size,
// F feed-forward size, V vocabulary. Matrices are row-major. A kernel NAME_f32, NAME_f16, NAME_bf16 differs by its element type
// alone; sums are always fp32.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

#define DEVICE __device__ __forceinline__

typedef __half f16;
typedef __nv_bfloat16 bf16;

DEVICE float to_float(float v) { return v; }
DEVICE float to_float(f16 v) { return __half2float(v); }
DEVICE float to_float(bf16 v) { return __bfloat162float(v); }

template <typename T> DEVICE T from_float(float v);
template <> DEVICE float from_float<float>(float v) { return v; }
template <> DEVICE f16 from_float<f16>(float v) { return __float2half_rn(v); }
template <> DEVICE bf16 from_float<bf16>(float v) { return __float2bfloat16_rn(v); }

// N elements that are read or written as one 16-byte access.
template <typename T> struct alignas(16) Pack {
  static constexpr int N = 16 / sizeof(T);
  T v[N];
};

template <typename T> DEVICE Pack<T> load_pack(const T *p) {
  Pack<T> r;
  *reinterpret_cast<uint4 *>(&r) = *reinterpret_cast<const uint4 *>(p);
  return r;
}

template <typename T> DEVICE void store_pack(T *p, const Pack<T> &r) {
  *reinterpret_cast<uint4 *>(p) = *reinterpret_cast<const uint4 *>(&r);
}

DEVICE float warp_sum(float v) {
#pragma unroll
  for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
  return v;
}

DEVICE float warp_max(float v) {
#pragma unroll
  for (int o = 16; o; o >>= 1) v = fmaxf(v, __shfl_xor_sync(~0u, v, o));
  return v;
}

// Sum over a block of at most 1024 threads, the same in every thread; scratch holds 32 floats and may be used again after the
// next barrier.
DEVICE float block_sum(float v, float *scratch) {
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = (blockDim.x + 31) >> 5;
  v = warp_sum(v);
  __syncthreads();
  if (lane == 0) scratch[warp] = v;
  __syncthreads();
  return warp_sum(lane < warps ? scratch[lane] : 0.f);
}

DEVICE float block_max(float v, float *scratch) {
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = (blockDim.x + 31) >> 5;
  v = warp_max(v);
  __syncthreads();
  if (lane == 0) scratch[warp] = v;
  __syncthreads();
  return warp_max(lane < warps ? scratch[lane] : -INFINITY);
}

// A step's inputs lie at fixed device addresses, written by the host in one copy; kernels get the pointers of those they read:
//   token_ids[T], feed_rows[T], positions[T], slots[T] (-1: store nothing), row_sequences[T] (-1: a padded row),
//   seq_starts[S+1], kv_lengths[S], block_starts[S] (where a sequence's blocks start in block_table), block_table[…],
//   logit_row_ids[R].
// Padded rows make a captured step replay at one size: every kernel skips them or computes what nobody reads.

// A paged KV cache. Block b holds, for every layer, keys then values as [Hk][16][D].
struct Kv {
  void *blocks;
  long long block_elements;  // elements of one block: layers * 2 * Hk * 16 * D
  int kv_heads;
  int head_dim;
};

constexpr int BLOCK_TOKENS = 16;

template <typename T> DEVICE T *kv_keys(const Kv &kv, int block, int layer, int head) {
  const long long head_elements = (long long)BLOCK_TOKENS * kv.head_dim;
  return static_cast<T *>(kv.blocks) + block * kv.block_elements +
         (2LL * layer * kv.kv_heads + head) * head_elements;
}

template <typename T> DEVICE T *kv_values(const Kv &kv, int block, int layer, int head) {
  return kv_keys<T>(kv, block, layer, head) + (long long)kv.kv_heads * BLOCK_TOKENS * kv.head_dim;
}

// Three entry points of one template: ENTRY(name, (typed parameters using T), (arguments)).
#define ENTRY_ONE(NAME, SUFFIX, TYPE, PARAMS, ARGS)          \
  namespace NAME##_##SUFFIX##_entry {                        \
  typedef TYPE T;                                            \
  extern "C" __global__ void NAME##_##SUFFIX PARAMS {        \
    NAME<T> ARGS;                                            \
  }                                                          \
  }
#define ENTRY(NAME, PARAMS, ARGS)            \
  ENTRY_ONE(NAME, f32, float, PARAMS, ARGS)  \
  ENTRY_ONE(NAME, f16, f16, PARAMS, ARGS)    \
  ENTRY_ONE(NAME, bf16, bf16, PARAMS, ARGS)
