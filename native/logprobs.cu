// Log-probabilities of the raw logits: kept rows, the alternatives, and the chosen token's value and rank. Logits are fp32 [R,V].
// Launch: one block of 1024 threads a row. Bytes: V · 4 a pass; the alternatives take one pass each, up to 20.
// Measured (H100, `bench kernels`, shares of the copy rate): 256 rows of 151,936: raw_logprobs 211 us = 1.47 TB/s, 0.51, with 20
//   alternatives 1,724 us; chosen_logprobs 75 us.
#include "common.cuh"

struct LogprobRow {
  int alternatives;  // -1: nothing is wanted of this row
  int target;        // -1: the sampled token
  int reserved[2];

};

// log-sum-exp of each wanted row, its alternatives best first (ties by lower id), and a copy of the raw row where the token is not yet
// known. top_ids and top_values are [R][width].
extern "C" __global__ void __launch_bounds__(1024)
    raw_logprobs(float *kept, float *log_sums, int *top_ids, float *top_values, const float *logits,
                 const LogprobRow *rows, int V, int width) {
  __shared__ float scratch[32];
  __shared__ float values[32];
  __shared__ int ids[32];
  const LogprobRow row = rows[blockIdx.x];
  if (row.alternatives < 0) return;
  const float *z = logits + (long long)blockIdx.x * V;
  float *copy = kept + (long long)blockIdx.x * V;
  float best = -INFINITY;
  for (int i = threadIdx.x; i < V; i += blockDim.x) {
    best = fmaxf(best, z[i]);
    copy[i] = z[i];
  }
  best = block_max(best, scratch);
  float sum = 0.f;
  for (int i = threadIdx.x; i < V; i += blockDim.x) sum += expf(z[i] - best);
  const float log_sum = best + logf(block_sum(sum, scratch));
  if (threadIdx.x == 0) log_sums[blockIdx.x] = log_sum;
  float last = INFINITY;
  int last_id = -1;
  for (int a = 0; a < row.alternatives && a < width; a++) {
    float top = -INFINITY;
    int id = V;
    for (int i = threadIdx.x; i < V; i += blockDim.x) {
      const float v = z[i];
      const bool after = v < last || (v == last && i > last_id);
      if (after && (v > top || id == V)) top = v, id = i;
    }
#pragma unroll
    for (int o = 16; o; o >>= 1) {
      const float v = __shfl_xor_sync(~0u, top, o);
      const int i = __shfl_xor_sync(~0u, id, o);
      if (v > top || (v == top && i < id)) top = v, id = i;
    }
    __syncthreads();
    if ((threadIdx.x & 31) == 0) values[threadIdx.x >> 5] = top, ids[threadIdx.x >> 5] = id;
    __syncthreads();
    top = values[0];
    id = ids[0];
    for (int w = 1; w < (int)(blockDim.x >> 5); w++) {
      if (values[w] > top || (values[w] == top && ids[w] < id)) top = values[w], id = ids[w];
    }
    if (threadIdx.x == 0) {
      top_ids[(long long)blockIdx.x * width + a] = id;
      top_values[(long long)blockIdx.x * width + a] = top - log_sum;
    }
    last = top;
    last_id = id;
  }
}

// Log-probability and rank (1 + the number of higher logits) of each row's target, or of its sampled token.
extern "C" __global__ void __launch_bounds__(1024)
    chosen_logprobs(float *chosen, int *ranks, const float *kept, const float *log_sums,
                    const LogprobRow *rows, const int *next_tokens, int V) {
  __shared__ float scratch[32];
  const LogprobRow row = rows[blockIdx.x];
  if (row.alternatives < 0) return;
  const float *z = kept + (long long)blockIdx.x * V;
  const int token = row.target >= 0 ? row.target : next_tokens[blockIdx.x];
  const float value = z[token];
  float higher = 0.f;  // exact up to 2^24
  for (int i = threadIdx.x; i < V; i += blockDim.x) higher += z[i] > value ? 1.f : 0.f;
  higher = block_sum(higher, scratch);
  if (threadIdx.x == 0) {
    chosen[blockIdx.x] = value - log_sums[blockIdx.x];
    ranks[blockIdx.x] = 1 + (int)higher;
  }
}
