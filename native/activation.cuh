// Activations by kind, as in Activation.java: 0 silu, 1 gelu (erf), 2 gelu (tanh), 3 relu, 4 squared relu, 5 quick gelu.
#pragma once
#include "common.cuh"

DEVICE float activate(float v, int kind) {
  switch (kind) {
    case 0: return v / (1.f + __expf(-v));
    case 1: return 0.5f * v * (1.f + erff(v * 0.70710678118654752f));
    case 2: return 0.5f * v * (1.f + tanhf(0.79788456080286536f * (v + 0.044715f * v * v * v)));
    case 3: return fmaxf(v, 0.f);
    case 4: return fmaxf(v, 0.f) * fmaxf(v, 0.f);
    default: return v / (1.f + __expf(-1.702f * v));
  }
}

