// Ops that move or combine whole rows: embed, add_positions, gather_rows, add, copy of sampled tokens, scale and softcap.
// Launch: one block of 128-256 threads a row, except add (one thread an element, grid-stride) and feed_tokens (one thread a row).
// Bytes: each input once, each output once; a few microseconds at T <= 256, so latency counts and nothing is staged.
// Measured (H100, `bench throughput --profile`, Qwen3-0.6B shape, 256 sequences at 256-512 tokens of context, means of all steps): 
//   feed_tokens 9.5 us, events included.
//   `bench kernels`, 32,768 rows of 1024, of the copy rate: embed and gather_rows 92 us, 0.50; add 124 us, 0.56.
#include "common.cuh"

// x[T,E] = table[id] * scale.
template <typename T>
DEVICE void embed(T *x, const T *table, const int *token_ids, int E, int V, float scale) {
  const int row = blockIdx.x;
  int id = token_ids[row];
  id = id < 0 ? 0 : id >= V ? V - 1 : id;  // the host refuses such ids; a padded row may hold anything
  const T *from = table + (long long)id * E;
  T *to = x + (long long)row * E;
  for (int i = threadIdx.x; i < E; i += blockDim.x) {
    to[i] = scale == 1.f ? from[i] : from_float<T>(to_float(from[i]) * scale);
  }
}
ENTRY(embed, (T *x, const T *table, const int *token_ids, int E, int V, float scale),
      (x, table, token_ids, E, V, scale))

// x[T,E] += table[position + offset].
template <typename T>
DEVICE void add_positions(T *x, const T *table, const int *positions, int E, int rows, int offset) {
  int p = positions[blockIdx.x] + offset;
  p = p < 0 ? 0 : p >= rows ? rows - 1 : p;
  const T *from = table + (long long)p * E;
  T *to = x + (long long)blockIdx.x * E;
  for (int i = threadIdx.x; i < E; i += blockDim.x) {
    to[i] = from_float<T>(to_float(to[i]) + to_float(from[i]));
  }
}
ENTRY(add_positions, (T *x, const T *table, const int *positions, int E, int rows, int offset),
      (x, table, positions, E, rows, offset))

// y[R,E] = x[logit_row_ids[from + r]].
template <typename T>
DEVICE void gather_rows(T *y, const T *x, const int *logit_row_ids, int from, int E) {
  const T *source = x + (long long)logit_row_ids[from + blockIdx.x] * E;
  T *to = y + (long long)blockIdx.x * E;
  for (int i = threadIdx.x; i < E; i += blockDim.x) to[i] = source[i];
}
ENTRY(gather_rows, (T *y, const T *x, const int *logit_row_ids, int from, int E),
      (y, x, logit_row_ids, from, E))

// y += alpha * x, n elements.
template <typename T> DEVICE void add(T *y, const T *x, float alpha, long long n) {
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += step) {
    y[i] = from_float<T>(to_float(y[i]) + alpha * to_float(x[i]));
  }
}
ENTRY(add, (T *y, const T *x, float alpha, long long n), (y, x, alpha, n))

// logits[R,V] (fp32) = cap * tanh(v * scale / cap), or v * scale where cap is 0. Grid-stride.
extern "C" __global__ void scale_softcap(float *logits, float scale, float cap, long long n) {
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += step) {
    const float v = logits[i] * scale;
    logits[i] = cap > 0.f ? cap * tanhf(v / cap) : v;
  }
}

// token_ids[t] = next_tokens[feed_rows[t]] where feed_rows is not -1: the last step's tokens never leave the device.
extern "C" __global__ void feed_tokens(int *token_ids, const int *feed_rows, const int *next_tokens,
                                       int T) {
  const int t = blockIdx.x * blockDim.x + threadIdx.x;
  if (t < T && feed_rows[t] >= 0) token_ids[t] = next_tokens[feed_rows[t]];
}
