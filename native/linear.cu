// y[T,N] = x[T,K] W[N,K]^T + bias, W row-major. The output is the element type or fp32 (logits).
//
// linear: the plain kernel, any type and shape, fp32 FMA (no TF32). Launch: grid (ceil(N/64), ceil(T/64)), 256 threads.
// linear_rows<ROWS, NT>: tensor cores for T <= ROWS (8, 16 or 32), fp16 and bf16, K a multiple of 32. A block takes 8 NT rows of W;
//   its eight warps split K and sum in a fixed order. Weights are operand B (8 rows = n8), the batch operand A. K is permuted alike on
//   both sides so that a lane reads 16 contiguous bytes: lane t of a quad holds elements 8t … 8t+7 of each 32, taken as the k indices
//   (2t, 2t+1, 2t+8, 2t+9) of two products. Launch: grid ceil(N/(8 NT)), 256 threads; NT 1 where N is small, to fill the chip.
//   Floor: N K 2 bytes over the read rate; x comes from L2, T K 2 bytes a block.
//   With `residual` y is added to: y += alpha (x W^T + bias).
// linear_gated<ROWS>: y[T,F] = act(x Wgate^T) · (x Wup^T) of a merged W[2F,K]; a block takes 8 gate rows and their 8 up rows.
// Measured (H100, `bench latency`): a decode step of the Qwen2-7B shape, one row, takes 5.44 ms, 0.88 of reading its weights and KV at the
//   copy rate.
//   `bench kernels`, N 37888, K 3584, of the copy rate: 1 row 94 us, 0.99; 8 rows 96 us, 0.98; 32 rows 113 us, 0.84; gated the same. fp32
//   (plain) 1 row 1,088 us, 8192 rows 108 ms = 20.5 TFLOP/s.
#include "activation.cuh"
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

// The plain loads may sink between the products, which would leave few in flight: this one stays where it is.
DEVICE uint4 load_here(const void *p) {
  uint4 v;
  asm volatile("ld.global.v4.u32 {%0,%1,%2,%3},[%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(p));
  return v;
}

constexpr int WARPS = 8;

// Sums of this block's tile over all of K: sums[tile j][m][n of 8], for m < ROWS.
template <typename T, int ROWS, int NT>
DEVICE void multiply_rows(float (&sums)[NT][ROWS][8], const T *x, const T *w, const int (&first)[NT],
                          const int (&last)[NT], int rows, int K) {
  constexpr int MT = (ROWS + 15) / 16, HALVES = ROWS == 8 ? 1 : 2;
  constexpr int UNROLL = ROWS == 32 ? 2 : 4;
  __shared__ float partial[WARPS][NT * MT * HALVES * 2][32];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, g = lane >> 2, t = lane & 3;
  const T *w_row[NT];
#pragma unroll
  for (int j = 0; j < NT; j++) w_row[j] = w + (long long)min(first[j] + g, last[j]) * K + t * 8;
  const T *x_row[MT][HALVES];
  bool in[MT][HALVES];
#pragma unroll
  for (int i = 0; i < MT; i++)
#pragma unroll
    for (int h = 0; h < HALVES; h++) {
      const int m = i * 16 + h * 8 + g;
      in[i][h] = m < rows;
      x_row[i][h] = x + (long long)(in[i][h] ? m : 0) * K + t * 8;
    }
  float acc[MT][NT][4] = {};
  for (int k0 = warp * 32; k0 < K; k0 += WARPS * 32 * UNROLL) {
    uint4 wv[UNROLL][NT], xv[UNROLL][MT][HALVES];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int k = k0 + u * WARPS * 32 < K ? k0 + u * WARPS * 32 : 0;  // past the end: x is zero
#pragma unroll
      for (int j = 0; j < NT; j++) wv[u][j] = load_streaming(w_row[j] + k);
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int k = k0 + u * WARPS * 32;
#pragma unroll
      for (int i = 0; i < MT; i++)
#pragma unroll
        for (int h = 0; h < HALVES; h++) {
          xv[u][i][h] = make_uint4(0, 0, 0, 0);
          if (in[i][h] && k < K) xv[u][i][h] = load_here(x_row[i][h] + k);
        }
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++)
#pragma unroll
      for (int j = 0; j < NT; j++)
#pragma unroll
        for (int i = 0; i < MT; i++) {
          const uint4 a = xv[u][i][0];
          const uint4 b = HALVES == 2 ? xv[u][i][HALVES - 1] : make_uint4(0, 0, 0, 0);
          mma_16816<T>(acc[i][j], a.x, b.x, a.y, b.y, wv[u][j].x, wv[u][j].y);
          mma_16816<T>(acc[i][j], a.z, b.z, a.w, b.w, wv[u][j].z, wv[u][j].w);
        }
  }
#pragma unroll
  for (int j = 0; j < NT; j++)
#pragma unroll
    for (int i = 0; i < MT; i++)
#pragma unroll
      for (int e = 0; e < HALVES * 2; e++)
        partial[warp][(j * MT + i) * HALVES * 2 + e][lane] = acc[i][j][e];
  __syncthreads();
  for (int o = threadIdx.x; o < NT * MT * HALVES * 2 * 32; o += blockDim.x) {
    const int slot = o / 32, l = o % 32, e = slot % (HALVES * 2);
    const int i = slot / (HALVES * 2) % MT, j = slot / (HALVES * 2) / MT;
    float sum = 0.f;
#pragma unroll
    for (int v = 0; v < WARPS; v++) sum += partial[v][slot][l];
    sums[j][i * 16 + (e >> 1) * 8 + (l >> 2)][2 * (l & 3) + (e & 1)] = sum;
  }
  __syncthreads();
}

template <typename T, typename Y, int ROWS, int NT>
DEVICE void linear_rows(Y *y, const T *x, const T *w, const T *bias, int rows, int N, int K,
                        float alpha, int residual) {
  __shared__ float sums[NT][ROWS][8];
  int first[NT], last[NT];
#pragma unroll
  for (int j = 0; j < NT; j++) first[j] = (blockIdx.x * NT + j) * 8, last[j] = N - 1;
  multiply_rows<T, ROWS, NT>(sums, x, w, first, last, rows, K);
  for (int o = threadIdx.x; o < rows * NT * 8; o += blockDim.x) {
    const int m = o / (NT * 8), c = o % (NT * 8), n = blockIdx.x * NT * 8 + c;
    if (n >= N) continue;
    float v = sums[c / 8][m][c % 8] + (bias ? to_float(bias[n]) : 0.f);
    Y *to = y + (long long)m * N + n;
    if (residual) v = to_float(*to) + alpha * to_float(from_float<Y>(v));
    *to = from_float<Y>(v);
  }
}

template <typename T, int ROWS>
DEVICE void linear_gated(T *y, const T *x, const T *w, const T *bias, int rows, int F, int K,
                         int kind) {
  __shared__ float sums[2][ROWS][8];
  const int n0 = blockIdx.x * 8;
  const int first[2] = {n0, F + n0}, last[2] = {F - 1, 2 * F - 1};
  multiply_rows<T, ROWS, 2>(sums, x, w, first, last, rows, K);
  for (int o = threadIdx.x; o < rows * 8; o += blockDim.x) {
    const int m = o / 8, c = o % 8, n = n0 + c;
    if (n >= F) continue;
    // Rounded as the separate ops round, so that both give the same.
    const float gate =
        to_float(from_float<T>(sums[0][m][c] + (bias ? to_float(bias[n]) : 0.f)));
    const float up =
        to_float(from_float<T>(sums[1][m][c] + (bias ? to_float(bias[F + n]) : 0.f)));
    y[(long long)m * F + n] = from_float<T>(activate(gate, kind) * up);
  }
}

#define ROWS_ENTRY(INFIX, SUFFIX, TYPE, OUT, ROWS, NT)                                             \
  extern "C" __global__ void __launch_bounds__(256) linear_rows##ROWS##x##NT##INFIX##_##SUFFIX(    \
      OUT *y, const TYPE *x, const TYPE *w, const TYPE *bias, int rows, int N, int K, float alpha, \
      int residual) {                                                                              \
    linear_rows<TYPE, OUT, ROWS, NT>(y, x, w, bias, rows, N, K, alpha, residual);                  \
  }
#define ROWS_ENTRIES(ROWS)                            \
  ROWS_ENTRY(, f16, f16, f16, ROWS, 1)                \
  ROWS_ENTRY(, f16, f16, f16, ROWS, 2)                \
  ROWS_ENTRY(, bf16, bf16, bf16, ROWS, 1)             \
  ROWS_ENTRY(, bf16, bf16, bf16, ROWS, 2)             \
  ROWS_ENTRY(_logits, f16, f16, float, ROWS, 2)       \
  ROWS_ENTRY(_logits, bf16, bf16, float, ROWS, 2)
ROWS_ENTRIES(8)
ROWS_ENTRIES(16)
ROWS_ENTRIES(32)

#define GATED_ENTRY(SUFFIX, TYPE, ROWS)                                                       \
  extern "C" __global__ void __launch_bounds__(256) linear_gated##ROWS##_##SUFFIX(            \
      TYPE *y, const TYPE *x, const TYPE *w, const TYPE *bias, int rows, int F, int K,        \
      int kind) {                                                                             \
    linear_gated<TYPE, ROWS>(y, x, w, bias, rows, F, K, kind);                                \
  }
GATED_ENTRY(f16, f16, 8)
GATED_ENTRY(bf16, bf16, 8)
GATED_ENTRY(f16, f16, 16)
GATED_ENTRY(bf16, bf16, 16)
GATED_ENTRY(f16, f16, 32)
GATED_ENTRY(bf16, bf16, 32)
