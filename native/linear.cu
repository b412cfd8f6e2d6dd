// y[T,N] = x[T,K] W[N,K]^T + bias, W row-major. The output is the element type or fp32 (logits).
//
// linear: the plain kernel, any type and shape, fp32 FMA (no TF32). Launch: grid (ceil(N/64), ceil(T/64)), 256 threads.
// linear_rows<MT>: tensor cores for T <= 16 MT rows (MT 1 or 2), fp16 and bf16, K a multiple of 32, 16-byte aligned rows.
//   Launch: grid ceil(N/16), 256 threads. A block takes 16 rows of W; its eight warps split K and sum in a fixed order. Weights are
//   operand B (8 rows = n8), the batch operand A. K is permuted alike on both sides so that a lane reads 16 contiguous bytes:
//   lane t of a quad holds elements 8t … 8t+7 of each 32, taken as the k indices (2t, 2t+1, 2t+8, 2t+9) of two products.
//   Floor: N K 2 bytes over the read rate; x comes from L2, T K 2 bytes a block.
#include "mma.cuh"

template <typename T, typename Y>
DEVICE void linear(Y *y, const T *x, const T *w, const T *bias, int rows, int N, int K) {
  constexpr int TILE = 64, DEPTH = 16;
  __shared__ float xs[DEPTH][TILE + 4], ws[DEPTH][TILE + 4];
  const int n0 = blockIdx.x * TILE, m0 = blockIdx.y * TILE;
  const int tn = threadIdx.x % 16, tm = threadIdx.x / 16;
  float acc[4][4] = {};
  for (int k0 = 0; k0 < K; k0 += DEPTH) {
    for (int i = threadIdx.x; i < TILE * DEPTH; i += blockDim.x) {
      const int r = i / DEPTH, k = i % DEPTH;
      const bool in = k0 + k < K;
      xs[k][r] = in && m0 + r < rows ? to_float(x[(long long)(m0 + r) * K + k0 + k]) : 0.f;
      ws[k][r] = in && n0 + r < N ? to_float(w[(long long)(n0 + r) * K + k0 + k]) : 0.f;
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
      float a[4], b[4];
#pragma unroll
      for (int i = 0; i < 4; i++) a[i] = xs[k][tm * 4 + i];
#pragma unroll
      for (int j = 0; j < 4; j++) b[j] = ws[k][tn + 16 * j];
#pragma unroll
      for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) acc[i][j] = fmaf(a[i], b[j], acc[i][j]);
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 4; i++)
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const int m = m0 + tm * 4 + i, n = n0 + tn + 16 * j;
      if (m < rows && n < N) {
        const float b = bias ? to_float(bias[n]) : 0.f;
        y[(long long)m * N + n] = from_float<Y>(acc[i][j] + b);
      }
    }
}

#define LINEAR_ENTRY(NAME, TYPE, OUT)                                                            \
  extern "C" __global__ void __launch_bounds__(256)                                              \
      NAME(OUT *y, const TYPE *x, const TYPE *w, const TYPE *bias, int rows, int N, int K) {     \
    linear<TYPE, OUT>(y, x, w, bias, rows, N, K);                                                \
  }
LINEAR_ENTRY(linear_f32, float, float)
LINEAR_ENTRY(linear_f16, f16, f16)
LINEAR_ENTRY(linear_bf16, bf16, bf16)
LINEAR_ENTRY(linear_logits_f32, float, float)
LINEAR_ENTRY(linear_logits_f16, f16, float)
LINEAR_ENTRY(linear_logits_bf16, bf16, float)

template <typename T, typename Y, int MT>
DEVICE void linear_rows(Y *y, const T *x, const T *w, const T *bias, int rows, int N, int K) {
  constexpr int WARPS = 8, NT = 2, UNROLL = MT == 1 ? 4 : 2;
  __shared__ float partial[WARPS][MT * NT * 4][32];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, g = lane >> 2, t = lane & 3;
  const int n0 = blockIdx.x * NT * 8;
  const T *w_row[NT];
#pragma unroll
  for (int j = 0; j < NT; j++) {
    const int n = n0 + j * 8 + g;
    w_row[j] = w + (long long)(n < N ? n : N - 1) * K + t * 8;
  }
  const T *x_row[MT][2];
  bool in[MT][2];
#pragma unroll
  for (int i = 0; i < MT; i++)
#pragma unroll
    for (int h = 0; h < 2; h++) {
      const int m = i * 16 + h * 8 + g;
      in[i][h] = m < rows;
      x_row[i][h] = x + (long long)(in[i][h] ? m : 0) * K + t * 8;
    }
  float acc[MT][NT][4] = {};
  for (int k0 = warp * 32; k0 < K; k0 += WARPS * 32 * UNROLL) {
    uint4 wv[UNROLL][NT], xv[UNROLL][MT][2];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int k = k0 + u * WARPS * 32;
#pragma unroll
      for (int j = 0; j < NT; j++)
        wv[u][j] = k < K ? load_streaming(w_row[j] + k) : make_uint4(0, 0, 0, 0);
#pragma unroll
      for (int i = 0; i < MT; i++)
#pragma unroll
        for (int h = 0; h < 2; h++)
          xv[u][i][h] = k < K && in[i][h] ? *reinterpret_cast<const uint4 *>(x_row[i][h] + k)
                                          : make_uint4(0, 0, 0, 0);
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++)
#pragma unroll
      for (int j = 0; j < NT; j++)
#pragma unroll
        for (int i = 0; i < MT; i++) {
          const uint4 a = xv[u][i][0], b = xv[u][i][1];
          mma_16816<T>(acc[i][j], a.x, b.x, a.y, b.y, wv[u][j].x, wv[u][j].y);
          mma_16816<T>(acc[i][j], a.z, b.z, a.w, b.w, wv[u][j].z, wv[u][j].w);
        }
  }
#pragma unroll
  for (int i = 0; i < MT; i++)
#pragma unroll
    for (int j = 0; j < NT; j++)
#pragma unroll
      for (int e = 0; e < 4; e++) partial[warp][(i * NT + j) * 4 + e][lane] = acc[i][j][e];
  __syncthreads();
  for (int o = threadIdx.x; o < MT * NT * 4 * 32; o += blockDim.x) {
    const int slot = o / 32, l = o % 32, e = slot % 4, j = slot / 4 % NT, i = slot / 4 / NT;
    float sum = 0.f;
#pragma unroll
    for (int v = 0; v < WARPS; v++) sum += partial[v][slot][l];
    const int m = i * 16 + (e >> 1) * 8 + (l >> 2), n = n0 + j * 8 + 2 * (l & 3) + (e & 1);
    if (m < rows && n < N) {
      y[(long long)m * N + n] = from_float<Y>(sum + (bias ? to_float(bias[n]) : 0.f));
    }
  }
}

#define ROWS_ENTRY(NAME, TYPE, OUT, MT)                                                          \
  extern "C" __global__ void __launch_bounds__(256)                                              \
      NAME(OUT *y, const TYPE *x, const TYPE *w, const TYPE *bias, int rows, int N, int K) {     \
    linear_rows<TYPE, OUT, MT>(y, x, w, bias, rows, N, K);                                       \
  }
ROWS_ENTRY(linear_rows16_f16, f16, f16, 1)
ROWS_ENTRY(linear_rows16_bf16, bf16, bf16, 1)
ROWS_ENTRY(linear_rows32_f16, f16, f16, 2)
ROWS_ENTRY(linear_rows32_bf16, bf16, bf16, 2)
ROWS_ENTRY(linear_rows16_logits_f16, f16, float, 1)
ROWS_ENTRY(linear_rows16_logits_bf16, bf16, float, 1)
ROWS_ENTRY(linear_rows32_logits_f16, f16, float, 2)
ROWS_ENTRY(linear_rows32_logits_bf16, bf16, float, 2)
