// Causal attention over the paged cache: the plain kernel, for any type and any head dimension up to 512. Keys and values of this
// step's rows are in the cache already (store_kv).
//
// out[T,H·D] = sum_j softmax_j(scale q·k_j [softcap] [+ alibi]) v_j over the positions j <= p, and j > p - window where window > 0.
// Launch: grid (T, H), 128 threads. Each warp takes every fourth block of 16 tokens; the four partial results are joined in a
// fixed order. Padded rows (sequence -1) get zeros.
// Measured (H100, `bench kernels`, shares of the copy rate): float32, decode of 256 rows at 512 tokens, 16 heads on 8 of 128, 780 us = 1.38 TB/s
//   of keys and values, 0.48; prefill of 16 x 512 tokens 8.6 ms. It is what fp32 and odd head dimensions take.
#include "common.cuh"

constexpr int MAX_HEAD_DIM = 512;
constexpr int WARPS = 4;

template <typename T>
DEVICE void attention(T *out, const T *qkv, Kv kv, int layer, const int *positions,
                      const int *row_sequences, const int *block_starts, const int *block_table,
                      const float *alibi, int H, float scale, int window, float softcap) {
  __shared__ float q[MAX_HEAD_DIM];
  __shared__ float part[WARPS][MAX_HEAD_DIM];
  __shared__ float part_max[WARPS], part_sum[WARPS];
  const int row = blockIdx.x, h = blockIdx.y, lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  const int D = kv.head_dim, Hk = kv.kv_heads, kv_head = h / (H / Hk);
  T *to = out + ((long long)row * H + h) * D;
  const int sequence = row_sequences[row];
  if (sequence < 0) {
    for (int i = threadIdx.x; i < D; i += blockDim.x) to[i] = from_float<T>(0.f);
    return;
  }
  const T *from = qkv + ((long long)row * (H + 2 * Hk) + h) * D;
  for (int i = threadIdx.x; i < D; i += blockDim.x) q[i] = to_float(from[i]) * scale;
  __syncthreads();
  const int p = positions[row];
  const int first = window > 0 && p - window + 1 > 0 ? p - window + 1 : 0;
  const int *blocks = block_table + block_starts[sequence];
  const float slope = alibi ? alibi[h] : 0.f;
  float best = -INFINITY, sum = 0.f, acc[MAX_HEAD_DIM / 32];
#pragma unroll
  for (int i = 0; i < MAX_HEAD_DIM / 32; i++) acc[i] = 0.f;
  for (int b = first / BLOCK_TOKENS + warp; b * BLOCK_TOKENS <= p; b += WARPS) {
    const T *keys = kv_keys<T>(kv, blocks[b], layer, kv_head);
    const T *values = kv_values<T>(kv, blocks[b], layer, kv_head);
    for (int j = 0; j < BLOCK_TOKENS; j++) {
      const int position = b * BLOCK_TOKENS + j;
      if (position < first || position > p) continue;
      float score = 0.f;
      for (int i = lane; i < D; i += 32) score += q[i] * to_float(keys[j * D + i]);
      score = warp_sum(score);
      if (softcap > 0.f) score = softcap * tanhf(score / softcap);
      score += slope * (position - p);
      const float next = fmaxf(best, score);
      const float keep = __expf(best - next), weight = __expf(score - next);
      sum = sum * keep + weight;
#pragma unroll
      for (int i = 0; i < MAX_HEAD_DIM / 32; i++) {
        if (i * 32 + lane < D) acc[i] = acc[i] * keep + weight * to_float(values[j * D + i * 32 + lane]);
      }
      best = next;
    }
  }
#pragma unroll
  for (int i = 0; i < MAX_HEAD_DIM / 32; i++)
    if (i * 32 + lane < D) part[warp][i * 32 + lane] = acc[i];
  if (lane == 0) {
    part_max[warp] = best;
    part_sum[warp] = sum;
  }
  __syncthreads();
  float all = -INFINITY;
#pragma unroll
  for (int w = 0; w < WARPS; w++) all = fmaxf(all, part_max[w]);
  float total = 0.f, factor[WARPS];
#pragma unroll
  for (int w = 0; w < WARPS; w++) {
    factor[w] = __expf(part_max[w] - all);
    total += factor[w] * part_sum[w];
  }
  for (int i = threadIdx.x; i < D; i += blockDim.x) {
    float v = 0.f;
#pragma unroll
    for (int w = 0; w < WARPS; w++) v += factor[w] * part[w][i];
    to[i] = from_float<T>(v / total);
  }
}
ENTRY(attention,
      (T *out, const T *qkv, Kv kv, int layer, const int *positions, const int *row_sequences,
       const int *block_starts, const int *block_table, const float *alibi, int H, float scale,
       int window, float softcap),
      (out, qkv, kv, layer, positions, row_sequences, block_starts, block_table, alibi, H, scale,
       window, softcap))
