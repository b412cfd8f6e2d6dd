// RMS norm and layer norm over rows, and the addition of a row before it.
// Launch: one block a row, min(1024, N rounded up to 32) threads; any N. fp32 sums.
// Bytes: x twice (the second time from L1 or L2), weight and bias once a row from L2, y once.
#include "common.cuh"

// y[T,N] = norm(x[T,N]) * (weight + offset) + bias; weight and bias may be null; y may be x.
template <typename T>
DEVICE void norm(T *y, const T *x, const T *weight, const T *bias, int N, float eps, float offset,
                 int layer) {
  __shared__ float scratch[32];
  const T *from = x + (long long)blockIdx.x * N;
  T *to = y + (long long)blockIdx.x * N;
  float mean = 0.f;
  if (layer) {
    float sum = 0.f;
    for (int i = threadIdx.x; i < N; i += blockDim.x) sum += to_float(from[i]);
    mean = block_sum(sum, scratch) / N;
  }
  float squares = 0.f;
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    const float d = to_float(from[i]) - mean;
    squares += d * d;
  }
  const float inverse = rsqrtf(block_sum(squares, scratch) / N + eps);
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    float v = (to_float(from[i]) - mean) * inverse;
    if (weight) v *= to_float(weight[i]) + offset;
    if (bias) v += to_float(bias[i]);
    to[i] = from_float<T>(v);
  }
}
ENTRY(norm,
      (T *y, const T *x, const T *weight, const T *bias, int N, float eps, float offset, int layer),
      (y, x, weight, bias, N, eps, offset, layer))

// x[T,N] += alpha * delta[T,N]; y = norm(x), in one pass: x and delta are read once.
template <typename T>
DEVICE void add_norm(T *y, T *x, const T *delta, float alpha, const T *weight, const T *bias, int N,
                     float eps, float offset, int layer) {
  extern __shared__ float row[];  // N floats
  __shared__ float scratch[32];
  T *stream = x + (long long)blockIdx.x * N;
  const T *more = delta + (long long)blockIdx.x * N;
  T *to = y + (long long)blockIdx.x * N;
  float sum = 0.f;
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    const T v = from_float<T>(to_float(stream[i]) + alpha * to_float(more[i]));
    stream[i] = v;
    row[i] = to_float(v);
    sum += row[i];
  }
  const float mean = layer ? block_sum(sum, scratch) / N : 0.f;
  float squares = 0.f;
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    const float d = row[i] - mean;
    squares += d * d;
  }
  const float inverse = rsqrtf(block_sum(squares, scratch) / N + eps);
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    float v = (row[i] - mean) * inverse;
    if (weight) v *= to_float(weight[i]) + offset;
    if (bias) v += to_float(bias[i]);
    to[i] = from_float<T>(v);
  }
}
ENTRY(add_norm,
      (T *y, T *x, const T *delta, float alpha, const T *weight, const T *bias, int N, float eps,
       float offset, int layer),
      (y, x, delta, alpha, weight, bias, N, eps, offset, layer))
