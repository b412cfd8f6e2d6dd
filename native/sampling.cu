// From logits to tokens, on the sampled rows: masks and bias, penalties, greedy choice, and the draw. Logits are fp32 [R,V].
//
// The draw is the CPU's (TokenDraw.java): weights are exp((z - max) / temperature), here as 40-bit fixed point so that sums do not
// depend on order; min_p drops weights below it; top_k keeps what is not below the k-th largest; top_p keeps the fewest of the largest
// whose sum reaches p of what is left, equals by lower id. u, a counter-based random number keyed by (seed, output index), times the sum
// of what is kept picks a token: in the order of ids where neither top_k nor top_p is on, else from the largest down.
// No sort: thresholds are found digit by digit, in three histograms of 11 bits over the order-preserving bits of the floats.
// Launch of sample, mask_logits, penalize: grid R, 1024 threads. Bytes: V · 4 a pass, from L2; 1 pass greedy, 4 plain, 9 with top_k,
// 9 with top_p, 12 with both.
// Measured (H100, `bench throughput --profile`, Qwen3-0.6B shape, 256 sequences at 256-512 tokens of context, means of all steps): 
//   sample, greedy, 74 us for 256 rows of 151,936 logits = 2.1 TB/s.
//   `bench kernels`, the same rows: greedy 65 us, 0.83 of the copy rate; plain 392 us; top_k 50 1,185 us; top_p 0.9 2,577 us; both 1,655 us;
//   mask_logits 107 us, 0.50; scale_softcap 190 us, 0.56; penalize, 512 tokens a row, 17 us.
#include "common.cuh"

// Bits that order as the floats do.
DEVICE uint32_t order_bits(float v) {
  const uint32_t b = __float_as_uint(v);
  return b & 0x80000000u ? ~b : b | 0x80000000u;
}

DEVICE float from_order_bits(uint32_t b) {
  return __uint_as_float(b & 0x80000000u ? b & 0x7fffffffu : ~b);
}

// The first of the largest values: id, the lower of equals.
DEVICE int block_argmax(const float *z, int V, float *values, int *ids) {
  float best = -INFINITY;
  int id = V;
  auto take = [&](float v, int i) {
    if (v > best || id == V) {
      best = v;
      id = i;
    }
  };
  if (V % 4 == 0) {
    for (int i = threadIdx.x; i < V / 4; i += blockDim.x) {
      const float4 v = reinterpret_cast<const float4 *>(z)[i];
      take(v.x, 4 * i), take(v.y, 4 * i + 1), take(v.z, 4 * i + 2), take(v.w, 4 * i + 3);
    }
  } else {
    for (int i = threadIdx.x; i < V; i += blockDim.x) take(z[i], i);
  }
#pragma unroll
  for (int o = 16; o; o >>= 1) {
    const float other = __shfl_xor_sync(~0u, best, o);
    const int other_id = __shfl_xor_sync(~0u, id, o);
    if (other > best || (other == best && other_id < id)) best = other, id = other_id;
  }
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5;
  __syncthreads();
  if (lane == 0) values[warp] = best, ids[warp] = id;
  __syncthreads();
  best = values[0];
  id = ids[0];
  for (int w = 1; w < warps; w++) {
    if (values[w] > best || (values[w] == best && ids[w] < id)) best = values[w], id = ids[w];
  }
  return id;
}

DEVICE unsigned long long block_sum_long(unsigned long long v, unsigned long long *scratch) {
#pragma unroll
  for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5;
  __syncthreads();
  if (lane == 0) scratch[warp] = v;
  __syncthreads();
  unsigned long long all = 0;
  for (int w = 0; w < warps; w++) all += scratch[w];
  return all;
}

// Sum of the values of the threads before this one.
DEVICE unsigned long long block_prefix(unsigned long long mine, unsigned long long *scratch) {
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  unsigned long long inclusive = mine;
#pragma unroll
  for (int o = 1; o < 32; o <<= 1) {
    const unsigned long long v = __shfl_up_sync(~0u, inclusive, o);
    if (lane >= o) inclusive += v;
  }
  __syncthreads();
  if (lane == 31) scratch[warp] = inclusive;
  __syncthreads();
  for (int w = 0; w < warp; w++) inclusive += scratch[w];
  return inclusive - mine;
}

// splitmix64's finaliser (Steele, Lea, Flood 2014).
DEVICE unsigned long long mix(unsigned long long z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

constexpr int BINS = 2048, DIGITS = 3;
DEVICE int digit_shift(int d) { return d == 0 ? 21 : d == 1 ? 10 : 0; }
DEVICE int digit_bins(int d) { return d == 2 ? 1024 : 2048; }

// Finds, from the top, the bin in which the running mass reaches `wanted`; subtracts the mass above it. All threads get the bin.
template <typename M> DEVICE int find_bin(const M *histogram, int bins, M &wanted, int *found, M *left) {
  if (threadIdx.x < 32) {
    const int lane = threadIdx.x, per = bins / 32;
    M mine = 0;
    for (int i = 0; i < per; i++) mine += histogram[bins - 1 - (lane * per + i)];
    M before = 0;  // mass of the lanes before this one
    for (int l = 0; l < 32; l++) {
      const M v = __shfl_sync(~0u, mine, l);
      if (l < lane) before += v;
    }
    const bool here = before < wanted && before + mine >= wanted;
    const unsigned who = __ballot_sync(~0u, here);
    if (here || (who == 0 && lane == 31)) {
      M seen = before;
      int bin = 0;
      for (int i = 0; i < per; i++) {
        bin = bins - 1 - (lane * per + i);
        if (seen + histogram[bin] >= wanted) break;
        if (i < per - 1) seen += histogram[bin];
      }
      *found = bin;
      *left = wanted - seen;
    }
  }
  __syncthreads();
  wanted = *left;
  const int bin = *found;
  __syncthreads();
  return bin;
}

struct SampleRow {
  float temperature;
  float top_p;
  float min_p;
  int top_k;
  long long seed;
  int output_index;
  int padding;
};

extern "C" __global__ void __launch_bounds__(1024)
    sample(int *next_tokens, const float *logits, const SampleRow *rows, int V) {
  __shared__ float values[32];
  __shared__ int ids[32];
  __shared__ unsigned long long sums[32];
  __shared__ unsigned long long histogram[BINS];
  __shared__ unsigned counts[BINS];
  __shared__ int found;
  __shared__ unsigned long long left;
  __shared__ unsigned left_count;
  const float *z = logits + (long long)blockIdx.x * V;
  const SampleRow row = rows[blockIdx.x];
  const int greedy = block_argmax(z, V, values, ids);
  if (row.temperature < 1e-5f) {
    if (threadIdx.x == 0) next_tokens[blockIdx.x] = greedy;
    return;
  }
  const float top = z[greedy];
  if (!(fabsf(top) < INFINITY)) {  // all is masked, or a logit is infinite: nothing to draw from
    if (threadIdx.x == 0) next_tokens[blockIdx.x] = greedy;
    return;
  }
  auto weight = [&](float v) { return expf((v - top) / row.temperature); };
  auto fixed = [&](float w) { return (unsigned long long)((double)w * 1099511627776.0 + 0.5); };
  uint32_t threshold = 0;  // the least order_bits that is kept

  if (row.top_k > 0 && row.top_k < V) {
    unsigned wanted = row.top_k;
    uint32_t prefix = 0, mask = 0;
    for (int d = 0; d < DIGITS; d++) {
      const int shift = digit_shift(d), bins = digit_bins(d);
      for (int i = threadIdx.x; i < bins; i += blockDim.x) counts[i] = 0;
      __syncthreads();
      for (int i = threadIdx.x; i < V; i += blockDim.x) {
        const uint32_t bits = order_bits(z[i]);
        if ((bits & mask) == prefix) atomicAdd(&counts[bits >> shift & (bins - 1)], 1u);
      }
      __syncthreads();
      const int bin = find_bin(counts, bins, wanted, &found, &left_count);
      prefix |= (uint32_t)bin << shift;
      mask |= (uint32_t)(bins - 1) << shift;
    }
    threshold = prefix;
  }
  auto kept = [&](float v, float w) { return order_bits(v) >= threshold && w >= row.min_p; };

  unsigned long long mine = 0;
  for (int i = threadIdx.x; i < V; i += blockDim.x) {
    const float w = weight(z[i]);
    if (kept(z[i], w)) mine += fixed(w);
  }
  unsigned long long total = block_sum_long(mine, sums);

  // The bits of the value at which the sum from the largest down reaches `wanted`; `wanted` becomes what is wanted of its equals.
  auto descend = [&](unsigned long long &wanted) {
    uint32_t prefix = 0, mask = 0;
    for (int d = 0; d < DIGITS; d++) {
      const int shift = digit_shift(d), bins = digit_bins(d);
      for (int i = threadIdx.x; i < bins; i += blockDim.x) histogram[i] = 0;
      __syncthreads();
      for (int i = threadIdx.x; i < V; i += blockDim.x) {
        const uint32_t bits = order_bits(z[i]);
        if ((bits & mask) != prefix) continue;
        const float w = weight(z[i]);
        const unsigned long long f = kept(z[i], w) ? fixed(w) : 0;
        if (f) atomicAdd(&histogram[bits >> shift & (bins - 1)], f);
      }
      __syncthreads();
      prefix |= (uint32_t)find_bin(histogram, bins, wanted, &found, &left) << shift;
      mask |= (uint32_t)(bins - 1) << shift;
    }
    return prefix;
  };

  const unsigned long long random =
      mix(mix((unsigned long long)row.seed) +
          0x9e3779b97f4a7c15ull * (unsigned long long)(row.output_index + 1));
  const double u = (double)(random >> 11) * 0x1p-53;
  const bool limit_k = row.top_k > 0 && row.top_k < V, limit_p = row.top_p < 1.f;
  const int per = (V + blockDim.x - 1) / blockDim.x;  // a contiguous run of ids a thread
  const int from = min(V, (int)threadIdx.x * per), to = min(V, from + per);

  if (!limit_k && !limit_p) {
    unsigned long long target = (unsigned long long)(u * (double)total);
    if (target >= total) target = total - 1;
    mine = 0;
    for (int i = from; i < to; i++) {
      const float w = weight(z[i]);
      if (kept(z[i], w)) mine += fixed(w);
    }
    unsigned long long seen = block_prefix(mine, sums);
    if (seen <= target && target < seen + mine) {
      for (int i = from; i < to; i++) {
        const float w = weight(z[i]);
        if (kept(z[i], w)) seen += fixed(w);
        if (seen > target) {
          next_tokens[blockIdx.x] = i;
          break;
        }
      }
    }
    return;
  }

  if (limit_p) {
    unsigned long long wanted = (unsigned long long)ceil((double)row.top_p * (double)total);
    wanted = max(1ull, min(wanted, total));
    const unsigned long long all = wanted;
    const uint32_t edge = descend(wanted);
    const unsigned long long one = fixed(weight(from_order_bits(edge)));
    total = all - wanted + (wanted + one - 1) / one * one;
  }
  unsigned long long target = (unsigned long long)(u * (double)total) + 1;
  if (target > total) target = total;
  const uint32_t chosen = descend(target);
  // Of the tokens with these bits, the one in which `target` falls, by id.
  const unsigned long long one = fixed(weight(from_order_bits(chosen)));
  const unsigned long long nth = (target - 1) / one;
  mine = 0;
  for (int i = from; i < to; i++) mine += order_bits(z[i]) == chosen;
  unsigned long long seen = block_prefix(mine, sums);
  if (seen <= nth && nth < seen + mine) {
    for (int i = from; i < to; i++) {
      if (order_bits(z[i]) == chosen && seen++ == nth) {
        next_tokens[blockIdx.x] = i;
        break;
      }
    }
  }
}

// Allowed ids, then banned ids, then logit bias. masks: bits of ids in `words` 64-bit words, row allowed_rows[r] of it, or -1 for all;
// banned and bias ids of row r are the entries starts[r] … starts[r+1] - 1.
extern "C" __global__ void __launch_bounds__(1024)
    mask_logits(float *logits, const int *allowed_rows, const unsigned long long *masks,
                const int *banned_starts, const int *banned_ids, const int *bias_starts,
                const int *bias_ids, const float *bias_values, int V, int words) {
  float *z = logits + (long long)blockIdx.x * V;
  if (allowed_rows[blockIdx.x] >= 0) {
    const unsigned long long *mask = masks + (long long)allowed_rows[blockIdx.x] * words;
    for (int i = threadIdx.x; i < V; i += blockDim.x) {
      if (i >> 6 >= words || !(mask[i >> 6] >> (i & 63) & 1)) z[i] = -INFINITY;
    }
  }
  __syncthreads();
  for (int i = banned_starts[blockIdx.x] + threadIdx.x; i < banned_starts[blockIdx.x + 1];
       i += blockDim.x) {
    z[banned_ids[i]] = -INFINITY;
  }
  __syncthreads();
  for (int i = bias_starts[blockIdx.x] + threadIdx.x; i < bias_starts[blockIdx.x + 1];
       i += blockDim.x) {
    z[bias_ids[i]] += bias_values[i];  // ids of a row are distinct
  }
}

struct PenaltyRow {
  float repetition;
  float frequency;
  float presence;
  int history_start;
  int prompt_length;
  int history_length;
  int scratch_row;  // row of `seen`, or -1: no penalty
  int padding;
};

// Repetition over prompt and output, frequency and presence over output. seen[rows][V] must be zero, and is zero again afterwards:
// the low 30 bits count a token's output, bit 30 says that it is in the prompt.
extern "C" __global__ void __launch_bounds__(1024)
    penalize(float *logits, unsigned *seen, const PenaltyRow *rows, const int *history, int V) {
  const PenaltyRow row = rows[blockIdx.x];
  if (row.scratch_row < 0) return;
  float *z = logits + (long long)blockIdx.x * V;
  unsigned *marks = seen + (long long)row.scratch_row * V;
  const int *tokens = history + row.history_start;
  for (int i = threadIdx.x; i < row.history_length; i += blockDim.x) {
    if (i < row.prompt_length) atomicOr(&marks[tokens[i]], 1u << 30);
    else atomicAdd(&marks[tokens[i]], 1u);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < row.history_length; i += blockDim.x) {
    const int token = tokens[i];
    const unsigned mark = atomicExch(&marks[token], 0u);  // one thread gets it, the others find zero
    if (mark == 0) continue;
    const unsigned count = mark & ((1u << 30) - 1);
    float v = z[token];
    v = v > 0.f ? v / row.repetition : v * row.repetition;
    v -= row.frequency * count;
    if (count > 0) v -= row.presence;
    z[token] = v;
  }
}
