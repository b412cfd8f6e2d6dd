// What happens to q, k and v between the projection and attention: clamp, norm, rotation, and the write to the KV cache.
// Launch qk_norm_rope and store_kv: grid (T, heads), one block of 64 threads a head and row; D <= 512.
// whole_norm (over all heads at once): grid (T, 2), 256 threads, before qk_norm_rope with its norms off.
// Bytes: qkv read and written once, and once more to the cache.
// Measured (H100, `bench throughput --profile`, Qwen3-0.6B shape, 256 sequences at 256-512 tokens of context, means of all steps): 
//   qk_norm_rope 19 us.
//   `bench kernels`, 32,768 rows of 4096: qk_norm_rope 864 us = 0.78 TB/s, 0.27 of the copy rate (float32 869 us, 0.54).
#include "common.cuh"

constexpr int MAX_HEAD_DIM = 512;

// Normalises one head in shared memory; sum is each thread's share of the head's sum.
template <typename T>
DEVICE void norm_head(float *head, const T *weight, const T *bias, float sum, int D, int layer_norm,
                      float eps, float offset, float *scratch) {
  const float mean = layer_norm ? block_sum(sum, scratch) / D : 0.f;
  float squares = 0.f;
  for (int i = threadIdx.x; i < D; i += blockDim.x) {
    const float d = head[i] - mean;
    squares += d * d;
  }
  const float inverse = rsqrtf(block_sum(squares, scratch) / D + eps);
  for (int i = threadIdx.x; i < D; i += blockDim.x) {
    float v = (head[i] - mean) * inverse;
    if (weight) v *= to_float(weight[i]) + offset;
    if (bias) v += to_float(bias[i]);
    head[i] = to_float(from_float<T>(v));
  }
  __syncthreads();
}

// qkv[T,(H+2Hk)D] in place. Head h < H is q, then k, then v (clamped only). norm: 0 none, 1 before the rotation, 2 after it, 3 done by
// whole_norm, which has clamped q and k too; with weight_per_head each head has its own part of the weights and biases, which may be
// null. cos_sin[positions][rotary]: cos of rotary/2 angles, then their sin. q_scale[positions] multiplies q at last. With slots k and
// v also go to the cache, as store_kv does.
template <typename T>
DEVICE void qk_norm_rope(T *qkv, const int *positions, const T *q_weight, const T *q_bias,
                         const T *k_weight, const T *k_bias, const float *cos_sin,
                         const float *q_scale, int H, int Hk, int D, int rotary, int interleaved,
                         float clamp, int norm, int weight_per_head, int layer_norm, float eps,
                         float offset, Kv kv, const int *slots, int layer) {
  __shared__ float head[MAX_HEAD_DIM];
  __shared__ float scratch[32];
  const int h = blockIdx.y;
  T *x = qkv + ((long long)blockIdx.x * (H + 2 * Hk) + h) * D;
  const bool clamped = norm == 3 && h < H + Hk;
  float sum = 0.f;
  for (int i = threadIdx.x; i < D; i += blockDim.x) {
    float v = to_float(x[i]);
    if (clamp > 0.f && !clamped) v = to_float(from_float<T>(fminf(fmaxf(v, -clamp), clamp)));
    head[i] = v;
    sum += v;
  }
  __syncthreads();
  if (h < H + Hk) {
    const int own = weight_per_head ? (h < H ? h : h - H) * D : 0;
    const T *weight = h < H ? q_weight : k_weight, *bias = h < H ? q_bias : k_bias;
    weight = weight ? weight + own : weight;
    bias = bias ? bias + own : bias;
    if (norm == 1) norm_head(head, weight, bias, sum, D, layer_norm, eps, offset, scratch);
    if (cos_sin) {
      const float *c = cos_sin + (long long)positions[blockIdx.x] * rotary;
      const int half = rotary / 2;
      constexpr int PAIRS = MAX_HEAD_DIM / 128;  // of a thread; a block has 64
      float a[PAIRS], b[PAIRS];
#pragma unroll
      for (int n = 0; n < PAIRS; n++) {
        const int i = threadIdx.x + n * 64;
        if (i >= half) break;
        const int p = interleaved ? 2 * i : i, q = interleaved ? 2 * i + 1 : i + half;
        a[n] = head[p] * c[i] - head[q] * c[half + i];
        b[n] = head[q] * c[i] + head[p] * c[half + i];
      }
      // Each thread wrote no one else's pair, so the pairs can go back without a barrier.
#pragma unroll
      for (int n = 0; n < PAIRS; n++) {
        const int i = threadIdx.x + n * 64;
        if (i >= half) break;
        const int p = interleaved ? 2 * i : i, q = interleaved ? 2 * i + 1 : i + half;
        head[p] = a[n];
        head[q] = b[n];
      }
      __syncthreads();
    }
    if (norm == 2) {
      sum = 0.f;
      for (int i = threadIdx.x; i < D; i += blockDim.x) {
        head[i] = to_float(from_float<T>(head[i]));
        sum += head[i];
      }
      norm_head(head, weight, bias, sum, D, layer_norm, eps, offset, scratch);
    }
    if (q_scale && h < H) {
      const float scale = q_scale[positions[blockIdx.x]];
      for (int i = threadIdx.x; i < D; i += blockDim.x) {
        head[i] = to_float(from_float<T>(head[i])) * scale;
      }
      __syncthreads();
    }
  }
  for (int i = threadIdx.x; i < D; i += blockDim.x) x[i] = from_float<T>(head[i]);
  if (!slots || h < H) return;
  const int slot = slots[blockIdx.x];
  if (slot < 0) return;
  const int block = slot / BLOCK_TOKENS, kv_head = h - H;
  T *base = kv_head < Hk ? kv_keys<T>(kv, block, layer, kv_head)
                         : kv_values<T>(kv, block, layer, kv_head - Hk);
  T *to = base + (slot % BLOCK_TOKENS) * D;
  for (int i = threadIdx.x; i < D; i += blockDim.x) to[i] = from_float<T>(head[i]);
}
ENTRY(qk_norm_rope,
      (T *qkv, const int *positions, const T *q_weight, const T *q_bias, const T *k_weight,
       const T *k_bias, const float *cos_sin, const float *q_scale, int H, int Hk, int D,
       int rotary, int interleaved, float clamp, int norm, int weight_per_head, int layer_norm,
       float eps, float offset, Kv kv, const int *slots, int layer),
      (qkv, positions, q_weight, q_bias, k_weight, k_bias, cos_sin, q_scale, H, Hk, D, rotary,
       interleaved, clamp, norm, weight_per_head, layer_norm, eps, offset, kv,
       slots, layer))

// Norm over all of q (blockIdx.y 0) or all of k (1) at once (OLMo 2); clamps first.
template <typename T>
DEVICE void whole_norm(T *qkv, const T *q_weight, const T *q_bias, const T *k_weight,
                       const T *k_bias, int H, int Hk, int D, float clamp, int layer_norm, float eps,
                       float offset) {
  __shared__ float scratch[32];
  const bool is_k = blockIdx.y;
  T *x = qkv + (long long)blockIdx.x * (H + 2 * Hk) * D + (is_k ? H * D : 0);
  const int N = (is_k ? Hk : H) * D;
  const T *weight = is_k ? k_weight : q_weight, *bias = is_k ? k_bias : q_bias;
  float sum = 0.f;
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    if (clamp > 0.f) x[i] = from_float<T>(fminf(fmaxf(to_float(x[i]), -clamp), clamp));
    sum += to_float(x[i]);
  }
  const float mean = layer_norm ? block_sum(sum, scratch) / N : 0.f;
  float squares = 0.f;
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    const float d = to_float(x[i]) - mean;
    squares += d * d;
  }
  const float inverse = rsqrtf(block_sum(squares, scratch) / N + eps);
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    float v = (to_float(x[i]) - mean) * inverse;
    if (weight) v *= to_float(weight[i]) + offset;
    if (bias) v += to_float(bias[i]);
    x[i] = from_float<T>(v);
  }
}
ENTRY(whole_norm,
      (T *qkv, const T *q_weight, const T *q_bias, const T *k_weight, const T *k_bias, int H, int Hk,
       int D, float clamp, int layer_norm, float eps, float offset),
      (qkv, q_weight, q_bias, k_weight, k_bias, H, Hk, D, clamp, layer_norm, eps, offset))

// k and v of each row to its slot. blockIdx.y < Hk: that k head; then the v heads.
template <typename T>
DEVICE void store_kv(Kv kv, const T *qkv, const int *slots, int layer, int H) {
  const int slot = slots[blockIdx.x];
  if (slot < 0) return;
  const int Hk = kv.kv_heads, D = kv.head_dim, h = blockIdx.y;
  const T *from = qkv + ((long long)blockIdx.x * (H + 2 * Hk) + H + h) * D;
  const int block = slot / BLOCK_TOKENS;
  T *base = h < Hk ? kv_keys<T>(kv, block, layer, h) : kv_values<T>(kv, block, layer, h - Hk);
  T *to = base + (slot % BLOCK_TOKENS) * D;
  for (int i = threadIdx.x; i < D; i += blockDim.x) to[i] = from[i];
}
ENTRY(store_kv, (Kv kv, const T *qkv, const int *slots, int layer, int H),
      (kv, qkv, slots, layer, H))
