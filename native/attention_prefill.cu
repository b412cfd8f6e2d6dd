// Attention of prompts (many rows of one sequence) over the paged cache, on tensor cores: fp16 and bf16, D in {64, 80, 96, 128, 256},
// any group of query heads, prompts that start in the middle of a sequence. See attention.cu for the formula; the method is
// FlashAttention-2's (Dao 2023): one pass over the keys with a running maximum and sum, scores in registers.
//
// A tile is 16 · WARPS query rows of one KV head: its rows are (token, head of the group) pairs, so that a group shares the keys it
// reads. Keys and values come in tiles of KV tokens, the next tile copied while this one is used.
// Launch: grid (tiles, Hk), 32 · WARPS threads. tiles[2i] is a sequence, tiles[2i+1] the first of that tile's rows, counted in (token,
// head) pairs from the sequence's first token of this step.
// Shared memory: STAGES · 2 · KV · (D + 8) · 2 bytes. Work: 4 · D operations a row and visible position.
// Measured (H100, `bench throughput --profile`, Qwen3-0.6B shape, 256 sequences at 256-512 tokens of context, means of all steps): 
//   attention_prefill_128 92 us.
//   `bench kernels`: 16 x 512 tokens 153 us.
#include "mma.cuh"

constexpr float LOG2E = 1.4426950408889634f;

struct Geometry {
  int H;
  int layer;
  int window;
  float scale;
  float softcap;
};

template <typename T, int D, int KV, int WARPS, int STAGES>
DEVICE void attention_prefill(T *out, const T *qkv, Kv kv, const int *tiles, const int *positions,
                              const int *seq_starts, const int *block_starts,
                              const int *block_table, const float *alibi, Geometry geometry) {
  constexpr int PITCH = D + 8, KSTEPS = D / 16, NTILES = D / 8, CHUNKS = D / 8, STILES = KV / 8;
  extern __shared__ __align__(16) unsigned char shared[];
  T *stage = reinterpret_cast<T *>(shared);
  const uint32_t stage_address = shared_address(stage);
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, g = lane >> 2, t = lane & 3;
  const int H = geometry.H, Hk = kv.kv_heads, G = H / Hk, kv_head = blockIdx.y;
  const int sequence = tiles[2 * blockIdx.x], row0 = tiles[2 * blockIdx.x + 1];
  const int token0 = seq_starts[sequence], tokens = seq_starts[sequence + 1] - token0;
  const int position0 = positions[token0];
  const int *table = block_table + block_starts[sequence];

  // This lane's two rows of the tile.
  int row_token[2], row_head[2], row_position[2];
#pragma unroll
  for (int r = 0; r < 2; r++) {
    const int pair = row0 + warp * 16 + r * 8 + g;
    row_token[r] = pair / G;
    row_head[r] = kv_head * G + pair % G;
    row_position[r] = row_token[r] < tokens ? position0 + row_token[r] : -1;
  }
  const int last_token = min(tokens - 1, (row0 + 16 * WARPS - 1) / G);
  const int last = position0 + last_token;
  const int first_position = position0 + row0 / G;
  const int first = geometry.window > 0 ? max(0, first_position - geometry.window + 1) : 0;
  const int kv0 = first / BLOCK_TOKENS * BLOCK_TOKENS;

  auto fetch = [&](int base, int s) {
    if (base <= last) {
      const uint32_t k_to = stage_address + s * 2 * KV * PITCH * 2;
      const uint32_t v_to = k_to + KV * PITCH * 2;
      for (int i = threadIdx.x; i < KV * CHUNKS; i += 32 * WARPS) {
        const int j = i / CHUNKS, c = i % CHUNKS, position = base + j;
        const bool in = position <= last;
        const int block = table[in ? position / BLOCK_TOKENS : 0];
        const int offset = (position % BLOCK_TOKENS) * D + c * 8;
        copy_async(k_to + (j * PITCH + c * 8) * 2,
                   kv_keys<T>(kv, block, geometry.layer, kv_head) + offset, in);
        copy_async(v_to + (j * PITCH + c * 8) * 2,
                   kv_values<T>(kv, block, geometry.layer, kv_head) + offset, in);
      }
    }
    copy_commit();
  };
#pragma unroll
  for (int s = 0; s < STAGES - 1; s++) fetch(kv0 + s * KV, s);

  uint32_t q[KSTEPS][4];
#pragma unroll
  for (int r = 0; r < 2; r++) {
    const bool in = row_position[r] >= 0;
    const T *base = qkv + ((long long)(token0 + (in ? row_token[r] : 0)) * (H + 2 * Hk) +
                           (in ? row_head[r] : 0)) * D;
#pragma unroll
    for (int k = 0; k < KSTEPS; k++)
#pragma unroll
      for (int c = 0; c < 2; c++)
        q[k][c * 2 + r] =
            in ? *reinterpret_cast<const uint32_t *>(base + k * 16 + c * 8 + 2 * t) : 0u;
  }
  float slope[2] = {0.f, 0.f};
  if (alibi) {
#pragma unroll
    for (int r = 0; r < 2; r++) slope[r] = alibi[row_head[r] < H ? row_head[r] : 0];
  }

  float best[2] = {-INFINITY, -INFINITY}, sum[2] = {0.f, 0.f}, acc[NTILES][4];
#pragma unroll
  for (int n = 0; n < NTILES; n++)
#pragma unroll
    for (int e = 0; e < 4; e++) acc[n][e] = 0.f;

  int s = 0;
  for (int base = kv0; base <= last; base += KV) {
    int ahead = s + STAGES - 1;
    if (ahead >= STAGES) ahead -= STAGES;
    if (STAGES > 1) fetch(base + (STAGES - 1) * KV, ahead);
    else fetch(base, 0);
    copy_wait<STAGES - 1>();
    __syncthreads();
    const uint32_t keys = stage_address + s * 2 * KV * PITCH * 2;
    const uint32_t values = keys + KV * PITCH * 2;
    float score[STILES][4];
#pragma unroll
    for (int n = 0; n < STILES; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) score[n][e] = 0.f;
#pragma unroll
    for (int k = 0; k < KSTEPS; k++)
#pragma unroll
      for (int n = 0; n < STILES; n += 2) {
        uint32_t m[4];
        const int token = n * 8 + (lane & 7) + (lane >> 4) * 8, d = k * 16 + ((lane >> 3) & 1) * 8;
        load_matrix(m, keys + (token * PITCH + d) * 2);
        mma_16816<T>(score[n], q[k][0], q[k][1], q[k][2], q[k][3], m[0], m[1]);
        mma_16816<T>(score[n + 1], q[k][0], q[k][1], q[k][2], q[k][3], m[2], m[3]);
      }
    float next[2] = {best[0], best[1]};
#pragma unroll
    for (int n = 0; n < STILES; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int position = base + n * 8 + 2 * t + (e & 1), p = row_position[e >> 1];
        float v = score[n][e] * geometry.scale;
        if (geometry.softcap > 0.f) v = geometry.softcap * tanhf(v / geometry.softcap);
        v += slope[e >> 1] * (position - p);
        const bool hidden =
            position > p || (geometry.window > 0 && position <= p - geometry.window);
        v = hidden ? -INFINITY : v * LOG2E;
        score[n][e] = v;
        next[e >> 1] = fmaxf(next[e >> 1], v);
      }
    float keep[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
      next[r] = fmaxf(next[r], __shfl_xor_sync(~0u, next[r], 1));
      next[r] = fmaxf(next[r], __shfl_xor_sync(~0u, next[r], 2));
      // A row may see nothing of a tile (a window that has passed, or a later one): keep its state.
      keep[r] = next[r] == -INFINITY ? 1.f : exp2f(best[r] - next[r]);
      best[r] = next[r];
      sum[r] *= keep[r];
    }
#pragma unroll
    for (int n = 0; n < STILES; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const float top = best[e >> 1];
        score[n][e] = top == -INFINITY ? 0.f : exp2f(score[n][e] - top);
        sum[e >> 1] += score[n][e];
      }
#pragma unroll
    for (int n = 0; n < NTILES; n++) {
      acc[n][0] *= keep[0], acc[n][1] *= keep[0], acc[n][2] *= keep[1], acc[n][3] *= keep[1];
    }
#pragma unroll
    for (int k = 0; k < STILES / 2; k++) {
      const uint32_t a0 = pack_pair<T>(score[2 * k][0], score[2 * k][1]);
      const uint32_t a1 = pack_pair<T>(score[2 * k][2], score[2 * k][3]);
      const uint32_t a2 = pack_pair<T>(score[2 * k + 1][0], score[2 * k + 1][1]);
      const uint32_t a3 = pack_pair<T>(score[2 * k + 1][2], score[2 * k + 1][3]);
#pragma unroll
      for (int n = 0; n < NTILES; n += 2) {
        uint32_t m[4];
        const int token = k * 16 + (lane & 15), d = n * 8 + (lane >> 4) * 8;
        load_matrix_transposed(m, values + (token * PITCH + d) * 2);
        mma_16816<T>(acc[n], a0, a1, a2, a3, m[0], m[1]);
        mma_16816<T>(acc[n + 1], a0, a1, a2, a3, m[2], m[3]);
      }
    }
    __syncthreads();
    if (++s == STAGES) s = 0;
  }
#pragma unroll
  for (int r = 0; r < 2; r++) {
    sum[r] += __shfl_xor_sync(~0u, sum[r], 1);
    sum[r] += __shfl_xor_sync(~0u, sum[r], 2);
    if (row_position[r] < 0) continue;
    const float inverse = sum[r] > 0.f ? 1.f / sum[r] : 0.f;
    T *to = out + ((long long)(token0 + row_token[r]) * H + row_head[r]) * D + 2 * t;
#pragma unroll
    for (int n = 0; n < NTILES; n++)
      *reinterpret_cast<uint32_t *>(to + n * 8) =
          pack_pair<T>(acc[n][2 * r] * inverse, acc[n][2 * r + 1] * inverse);
  }
}

#define PREFILL_ENTRY(D, KV, STAGES, SUFFIX, TYPE)                                                 \
  extern "C" __global__ void __launch_bounds__(128) attention_prefill_##D##_##SUFFIX(              \
      TYPE *out, const TYPE *qkv, Kv kv, const int *tiles, const int *positions,                   \
      const int *seq_starts, const int *block_starts, const int *block_table, const float *alibi,  \
      Geometry geometry) {                                                                         \
    attention_prefill<TYPE, D, KV, 4, STAGES>(out, qkv, kv, tiles, positions, seq_starts,          \
                                              block_starts, block_table, alibi, geometry);         \
  }
#define PREFILL_ENTRIES(D, KV, STAGES)      \
  PREFILL_ENTRY(D, KV, STAGES, f16, f16)    \
  PREFILL_ENTRY(D, KV, STAGES, bf16, bf16)
PREFILL_ENTRIES(64, 64, 2)
PREFILL_ENTRIES(80, 64, 2)
PREFILL_ENTRIES(96, 64, 2)
PREFILL_ENTRIES(128, 64, 2)
PREFILL_ENTRIES(256, 32, 2)
