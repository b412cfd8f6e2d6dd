// Attention of rows that feed one token each, over the paged cache, split over the context: fp16 and bf16, D in {64, 80, 96, 128,
// 256}, any group of query heads. See attention.cu for the formula.
//
// attention_decode: grid (rows, Hk · ceil(G/16), splits), 128 threads; G = H/Hk query heads share a KV head and are the 16 rows of
//   the tensor-core products, so keys and values are read once for all of them. A split takes a run of whole blocks; each of its four
//   warps takes every fourth block, copies it to its own shared memory two blocks ahead, and keeps its own softmax; the warps, then
//   the splits, are joined in a fixed order. With one split the result is written at once.
// attention_join: grid (rows, H), D threads (at least 32), joins the splits.
// The number of splits is fixed at launch (a captured step), the length is read on the device: a split may be empty.
// Shared memory: 4 warps · STAGES · 2 · 16 · (D + 8) · 2 bytes. Floor: 2 · kv_length · Hk · D · 2 bytes a row.
// Measured (H100, `bench throughput --profile`, Qwen3-0.6B shape, 256 sequences at 256-512 tokens of context, means of all steps): 
//   attention_decode_128 154 us = 2.6 TB/s of keys and values, 0.89 of the copy rate.
//   `bench kernels`: 256 rows at 512 tokens 193 us = 2.80 TB/s, 0.96 of the copy rate.
#include "mma.cuh"

constexpr int WARPS = 4;
constexpr float LOG2E = 1.4426950408889634f;

struct Geometry {
  int H;
  int layer;
  int window;
  float scale;
  float softcap;
};

template <typename T, int D, int STAGES>
DEVICE void attention_decode(T *out, float *parts, const T *qkv, Kv kv, const int *positions,
                             const int *row_sequences, const int *block_starts,
                             const int *block_table, const float *alibi, Geometry geometry) {
  constexpr int PITCH = D + 8, KSTEPS = D / 16, NTILES = D / 8, CHUNKS = D / 8;
  extern __shared__ __align__(16) unsigned char shared[];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, g = lane >> 2, t = lane & 3;
  const int H = geometry.H, Hk = kv.kv_heads, G = H / Hk, head_tiles = (G + 15) / 16;
  const int row = blockIdx.x, kv_head = blockIdx.y / head_tiles, splits = gridDim.z;
  const int head0 = kv_head * G + (blockIdx.y % head_tiles) * 16;
  const int heads = min(16, kv_head * G + G - head0);
  const int sequence = row_sequences[row];
  const int p = sequence < 0 ? -1 : positions[row];
  const int first = geometry.window > 0 ? max(0, p - geometry.window + 1) : 0;
  const int block0 = first / BLOCK_TOKENS, blocks = p < 0 ? 0 : p / BLOCK_TOKENS - block0 + 1;
  const int run = (blocks + splits - 1) / splits;
  const int from = block0 + blockIdx.z * run, to = min(from + run, block0 + blocks);
  const int *table = sequence < 0 ? block_table : block_table + block_starts[sequence];

  T *stage = reinterpret_cast<T *>(shared) + warp * STAGES * 2 * BLOCK_TOKENS * PITCH;
  const uint32_t stage_address = shared_address(stage);
  auto fetch = [&](int b, int s) {
    if (b < to) {
      const T *keys = kv_keys<T>(kv, table[b], geometry.layer, kv_head);
      const T *values = kv_values<T>(kv, table[b], geometry.layer, kv_head);
      const uint32_t k_to = stage_address + s * 2 * BLOCK_TOKENS * PITCH * 2;
      const uint32_t v_to = k_to + BLOCK_TOKENS * PITCH * 2;
      for (int i = lane; i < BLOCK_TOKENS * CHUNKS; i += 32) {
        const int j = i / CHUNKS, c = i % CHUNKS;
        copy_async(k_to + (j * PITCH + c * 8) * 2, keys + j * D + c * 8, true);
        copy_async(v_to + (j * PITCH + c * 8) * 2, values + j * D + c * 8, true);
      }
    }
    copy_commit();
  };
#pragma unroll
  for (int s = 0; s < STAGES - 1; s++) fetch(from + warp + s * WARPS, s);

  // Query fragments: rows g and g + 8 are heads; the k index runs over D.
  uint32_t q[KSTEPS][4];
  {
    const T *base = qkv + ((long long)row * (H + 2 * Hk) + head0) * D;
#pragma unroll
    for (int k = 0; k < KSTEPS; k++)
#pragma unroll
      for (int r = 0; r < 4; r++) {
        const int head = g + (r & 1) * 8, d = k * 16 + (r >> 1) * 8 + 2 * t;
        q[k][r] = head < heads ? *reinterpret_cast<const uint32_t *>(base + head * D + d) : 0u;
      }
  }
  const float slope0 = alibi && g < heads ? alibi[head0 + g] : 0.f;
  const float slope1 = alibi && g + 8 < heads ? alibi[head0 + g + 8] : 0.f;

  float best[2] = {-INFINITY, -INFINITY}, sum[2] = {0.f, 0.f};
  float acc[NTILES][4];
#pragma unroll
  for (int n = 0; n < NTILES; n++)
#pragma unroll
    for (int e = 0; e < 4; e++) acc[n][e] = 0.f;

  int s = 0;
  for (int b = from + warp; b < to; b += WARPS) {
    int ahead = s + STAGES - 1;
    if (ahead >= STAGES) ahead -= STAGES;
    fetch(b + (STAGES - 1) * WARPS, ahead);
    copy_wait<STAGES - 1>();
    __syncwarp();
    const uint32_t keys = stage_address + s * 2 * BLOCK_TOKENS * PITCH * 2;
    const uint32_t values = keys + BLOCK_TOKENS * PITCH * 2;
    float score[2][4] = {};
#pragma unroll
    for (int k = 0; k < KSTEPS; k++) {
      uint32_t m[4];  // tokens 0-7 and 8-15, each with both halves of the k step
      const int token = (lane & 7) + (lane >> 4) * 8, d = k * 16 + ((lane >> 3) & 1) * 8;
      load_matrix(m, keys + (token * PITCH + d) * 2);
      mma_16816<T>(score[0], q[k][0], q[k][1], q[k][2], q[k][3], m[0], m[1]);
      mma_16816<T>(score[1], q[k][0], q[k][1], q[k][2], q[k][3], m[2], m[3]);
    }
    float next[2] = {best[0], best[1]};
#pragma unroll
    for (int n = 0; n < 2; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int position = b * BLOCK_TOKENS + n * 8 + 2 * t + (e & 1);
        float v = score[n][e] * geometry.scale;
        if (geometry.softcap > 0.f) v = geometry.softcap * tanhf(v / geometry.softcap);
        v += (e >> 1 ? slope1 : slope0) * (position - p);
        v = position < first || position > p ? -INFINITY : v * LOG2E;
        score[n][e] = v;
        next[e >> 1] = fmaxf(next[e >> 1], v);
      }
#pragma unroll
    for (int r = 0; r < 2; r++) {
      next[r] = fmaxf(next[r], __shfl_xor_sync(~0u, next[r], 1));
      next[r] = fmaxf(next[r], __shfl_xor_sync(~0u, next[r], 2));
    }
    // Every block holds a visible position (p itself or one after first), so next is finite.
    const float keep0 = exp2f(best[0] - next[0]), keep1 = exp2f(best[1] - next[1]);
    best[0] = next[0];
    best[1] = next[1];
    sum[0] *= keep0;
    sum[1] *= keep1;
#pragma unroll
    for (int n = 0; n < 2; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) {
        score[n][e] = exp2f(score[n][e] - best[e >> 1]);
        sum[e >> 1] += score[n][e];
      }
    const uint32_t a0 = pack_pair<T>(score[0][0], score[0][1]);
    const uint32_t a1 = pack_pair<T>(score[0][2], score[0][3]);
    const uint32_t a2 = pack_pair<T>(score[1][0], score[1][1]);
    const uint32_t a3 = pack_pair<T>(score[1][2], score[1][3]);
    const bool last = (b + 1) * BLOCK_TOKENS > p + 1;
    if (last) {
      // Slots after p may hold anything, NaN included, and 0 · NaN is NaN.
      T *v_stage = stage + (s * 2 + 1) * BLOCK_TOKENS * PITCH;
      for (int j = p + 1 - b * BLOCK_TOKENS; j < BLOCK_TOKENS; j++)
        for (int i = lane; i < D; i += 32) v_stage[j * PITCH + i] = from_float<T>(0.f);
      __syncwarp();
    }
#pragma unroll
    for (int n = 0; n < NTILES; n += 2) {
      uint32_t m[4];  // tokens 0-7, 8-15 of columns 8n…, then of the next eight
      const int token = lane & 15, d = n * 8 + (lane >> 4) * 8;
      load_matrix_transposed(m, values + (token * PITCH + d) * 2);
      acc[n][0] *= keep0, acc[n][1] *= keep0, acc[n][2] *= keep1, acc[n][3] *= keep1;
      mma_16816<T>(acc[n], a0, a1, a2, a3, m[0], m[1]);
      acc[n + 1][0] *= keep0, acc[n + 1][1] *= keep0, acc[n + 1][2] *= keep1, acc[n + 1][3] *= keep1;
      mma_16816<T>(acc[n + 1], a0, a1, a2, a3, m[2], m[3]);
    }
    __syncwarp();
    if (++s == STAGES) s = 0;
  }
#pragma unroll
  for (int r = 0; r < 2; r++) {
    sum[r] += __shfl_xor_sync(~0u, sum[r], 1);
    sum[r] += __shfl_xor_sync(~0u, sum[r], 2);
  }

  // Join the warps through shared memory: [warp][16][D] values, then maxima and sums.
  copy_wait<0>();
  __syncthreads();
  float *joined = reinterpret_cast<float *>(shared);
  __shared__ float warp_best[WARPS][16], warp_total[WARPS][16];
  // Two rounds of eight heads keep the buffer at 4 · 8 · D floats.
  for (int round = 0; round < 2; round++) {
    if (round * 8 < heads) {
#pragma unroll
      for (int n = 0; n < NTILES; n++) {
        float *slot = joined + (warp * 8 + g) * D + n * 8 + 2 * t;
        slot[0] = acc[n][round * 2];
        slot[1] = acc[n][round * 2 + 1];
      }
    }
    if (t == 0) {
      warp_best[warp][round * 8 + g] = best[round];
      warp_total[warp][round * 8 + g] = sum[round];
    }
    __syncthreads();
    const int in_round = min(8, heads - round * 8);
    for (int i = threadIdx.x; i < in_round * D; i += blockDim.x) {
      const int head = i / D, d = i % D, slot = round * 8 + head;
      float top = -INFINITY;
#pragma unroll
      for (int w = 0; w < WARPS; w++) top = fmaxf(top, warp_best[w][slot]);
      float value = 0.f, total = 0.f;
      if (top > -INFINITY) {
#pragma unroll
        for (int w = 0; w < WARPS; w++) {
          const float factor = exp2f(warp_best[w][slot] - top);
          value += factor * joined[(w * 8 + head) * D + d];
          total += factor * warp_total[w][slot];
        }
      }
      if (splits == 1) {
        out[((long long)row * H + head0 + slot) * D + d] =
            from_float<T>(total > 0.f ? value / total : 0.f);
      } else {
        float *part = parts + (((long long)row * H + head0 + slot) * splits + blockIdx.z) * (D + 2);
        part[d] = value;
        if (d == 0) {
          part[D] = top;
          part[D + 1] = total;
        }
      }
    }
    __syncthreads();
  }
}

// parts[rows][H][splits][D+2]: values, base-2 maximum, sum.
template <typename T>
DEVICE void attention_join(T *out, const float *parts, int D, int splits) {
  const float *part = parts + ((long long)blockIdx.x * gridDim.y + blockIdx.y) * splits * (D + 2);
  T *to = out + ((long long)blockIdx.x * gridDim.y + blockIdx.y) * D;
  float top = -INFINITY;
  for (int s = 0; s < splits; s++) top = fmaxf(top, part[s * (D + 2) + D]);
  for (int d = threadIdx.x; d < D; d += blockDim.x) {
    float value = 0.f, total = 0.f;
    if (top > -INFINITY) {
      for (int s = 0; s < splits; s++) {
        const float *one = part + s * (D + 2);
        const float factor = exp2f(one[D] - top);
        if (factor > 0.f) {
          value += factor * one[d];
          total += factor * one[D + 1];
        }
      }
    }
    to[d] = from_float<T>(total > 0.f ? value / total : 0.f);
  }
}

extern "C" __global__ void attention_join_f16(f16 *out, const float *parts, int D, int splits) {
  attention_join<f16>(out, parts, D, splits);
}
extern "C" __global__ void attention_join_bf16(bf16 *out, const float *parts, int D, int splits) {
  attention_join<bf16>(out, parts, D, splits);
}

#define DECODE_ENTRY(D, SUFFIX, TYPE, STAGES)                                                     \
  extern "C" __global__ void __launch_bounds__(128) attention_decode_##D##_##SUFFIX(              \
      TYPE *out, float *parts, const TYPE *qkv, Kv kv, const int *positions,                      \
      const int *row_sequences, const int *block_starts, const int *block_table,                  \
      const float *alibi, Geometry geometry) {                                                    \
    attention_decode<TYPE, D, STAGES>(out, parts, qkv, kv, positions, row_sequences, block_starts, \
                                      block_table, alibi, geometry);                              \
  }
#define DECODE_ENTRIES(D, STAGES)      \
  DECODE_ENTRY(D, f16, f16, STAGES)    \
  DECODE_ENTRY(D, bf16, bf16, STAGES)
DECODE_ENTRIES(64, 4)
DECODE_ENTRIES(80, 3)
DECODE_ENTRIES(96, 3)
DECODE_ENTRIES(128, 3)
DECODE_ENTRIES(256, 2)
