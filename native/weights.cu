// Bringing weights into place: rows of a stored matrix, converted, transposed or gathered in runs; random and constant values.
// Types: 0 fp32, 1 fp16, 2 bf16 (DType.java's order). Launch: grid-stride, 256 threads a block.
// Measured (H100, `bench kernels`, shares of the copy rate): placing 3584 x 3584 of float32 as bfloat16 68 us = 1.13 TB/s, 0.39;
//   transposed 121 us, 0.22; random bfloat16 of 37888 x 3584 226 us = 1.20 TB/s, 0.41, of float32 211 us = 2.57 TB/s, 0.89.
#include "common.cuh"

DEVICE float load_typed(const void *p, long long i, int type) {
  switch (type) {
    case 0: return static_cast<const float *>(p)[i];
    case 1: return to_float(static_cast<const f16 *>(p)[i]);
    default: return to_float(static_cast<const bf16 *>(p)[i]);
  }
}

DEVICE void store_typed(void *p, long long i, int type, float v) {
  switch (type) {
    case 0: static_cast<float *>(p)[i] = v; break;
    case 1: static_cast<f16 *>(p)[i] = from_float<f16>(v); break;
    default: static_cast<bf16 *>(p)[i] = from_float<bf16>(v);
  }
}

// to[r][c] for `rows` rows of `cols` columns, where row r is the stored row (or column, when transposed)
// first + (r / run) * stride + r % run of a stored matrix that is `width` wide.
extern "C" __global__ void place_rows(void *to, int to_type, const void *from, int from_type,
                                      long long rows, int cols, int width, int first, int run,
                                      int stride, int transposed) {
  const long long n = rows * cols, step = (long long)gridDim.x * blockDim.x;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += step) {
    const long long r = i / cols;
    const int c = i % cols;
    const long long stored = first + r / run * stride + r % run;
    const long long at = transposed ? (long long)c * width + stored : stored * width + c;
    store_typed(to, i, to_type, load_typed(from, at, from_type));
  }
}

// Uniform in ±scale, element i of a seed a function of both alone.
extern "C" __global__ void fill_random(void *to, int type, long long n, long long seed, float scale) {
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += step) {
    unsigned long long z = (unsigned long long)seed + 0x9e3779b97f4a7c15ull * (i + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    z ^= z >> 31;
    store_typed(to, i, type, ((float)(z >> 40) * (2.f / 16777216.f) - 1.f) * scale);
  }
}

extern "C" __global__ void fill_constant(void *to, int type, long long n, float value) {
  const long long step = (long long)gridDim.x * blockDim.x;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += step) {
    store_typed(to, i, type, value);
  }
}
