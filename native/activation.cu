// Activations, plain and gated; kinds as in activation.cuh.
// Launch: grid (T, pieces of the row), 256 threads, one element a thread and piece; F elements a row.
// Bytes: each input and output once. Arithmetic in fp32.
// Measured (H100, `bench throughput --profile`, Qwen3-0.6B shape, 256 sequences at 256-512 tokens of context, means of all steps): 
//   gated_activation 8.5 us.
//   `bench kernels`, 32,768 rows of 3072: gated_activation 232 us = 2.60 TB/s, 0.90 of the copy rate; activation 351 us = 1.15 TB/s, 0.39.
#include "activation.cuh"

// y[T,F] = act(x[T,F]).
template <typename T> DEVICE void activation(T *y, const T *x, int F, int kind) {
  const long long row = (long long)blockIdx.x * F;
  for (int i = blockIdx.y * blockDim.x + threadIdx.x; i < F; i += gridDim.y * blockDim.x) {
    y[row + i] = from_float<T>(activate(to_float(x[row + i]), kind));
  }
}
ENTRY(activation, (T *y, const T *x, int F, int kind), (y, x, F, kind))

// y[T,F] = xIELU(x[T,F]); p: alpha above 0, alpha below, beta, eps.
template <typename T> DEVICE void xielu(T *y, const T *x, const float *p, int F) {
  const long long row = (long long)blockIdx.x * F;
  for (int i = blockIdx.y * blockDim.x + threadIdx.x; i < F; i += gridDim.y * blockDim.x) {
    const float v = to_float(x[row + i]);
    const float curve = v > 0.f ? p[0] * v * v : p[1] * (expm1f(fminf(v, p[3])) - v);
    y[row + i] = from_float<T>(curve + p[2] * v);
  }
}
ENTRY(xielu, (T *y, const T *x, const float *p, int F), (y, x, p, F))

// y[T,F] = act(x[T,0..F-1]) * x[T,F..2F-1]; 16 bytes a thread and piece where rows allow it.
template <typename T> DEVICE void gated_activation(T *y, const T *x, int F, int kind) {
  const T *gate = x + 2LL * blockIdx.x * F;
  const T *up = gate + F;
  T *to = y + (long long)blockIdx.x * F;
  const int first = blockIdx.y * blockDim.x + threadIdx.x, step = gridDim.y * blockDim.x;
  constexpr int N = Pack<T>::N;
  if (F % N == 0) {
    for (int i = first * N; i < F; i += step * N) {
      const Pack<T> g = load_pack(gate + i), u = load_pack(up + i);
      Pack<T> r;
#pragma unroll
      for (int e = 0; e < N; e++) r.v[e] = from_float<T>(activate(to_float(g.v[e]), kind) * to_float(u.v[e]));
      store_pack(to + i, r);
    }
    return;
  }
  for (int i = first; i < F; i += step) {
    to[i] = from_float<T>(activate(to_float(gate[i]), kind) * to_float(up[i]));
  }
}
ENTRY(gated_activation, (T *y, const T *x, int F, int kind), (y, x, F, kind))
