package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quern.cuda.CudaModules;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One kernel and the block its arguments are written to. The driver copies the arguments during a
 * launch or a capture, so the block is written again for the next one.
 *
 * <p>Parameters are spelled with a letter each: {@code p} pointer, {@code l} long, {@code i} int,
 * {@code f} float, {@code K} a KV cache (pointer, long, two ints), {@code G} an attention geometry
 * (three ints, two floats). They are set in order.
 */
final class Kernel {
  private static final int MAX_DYNAMIC_SHARED_BYTES =
      8; // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
  private static final int DEFAULT_SHARED_BYTES = 48 << 10;

  private final KernelModule module;
  private final long function;
  private final String name;
  private final String parameters;
  private final MemorySegment values;
  private final MemorySegment pointers;
  private final int[] offsets;
  private int next;
  private int sharedLimitBytes = DEFAULT_SHARED_BYTES;

  private Kernel(KernelModule module, long function, String name, String parameters) {
    this.module = module;
    this.function = function;
    this.name = name;
    this.parameters = parameters;
    offsets = new int[parameters.length()];
    int bytes = 0;
    for (int i = 0; i < offsets.length; i++) {
      char kind = parameters.charAt(i);
      int align = kind == 'i' || kind == 'f' || kind == 'G' ? 4 : 8;
      bytes = (bytes + align - 1) & -align;
      offsets[i] = bytes;
      bytes += sizeOf(kind);
    }
    Arena arena = Arena.ofAuto();
    values = arena.allocate(Math.max(8, bytes), 16);
    pointers = arena.allocate(8L * Math.max(1, offsets.length), 8);
    for (int i = 0; i < offsets.length; i++) {
      pointers.setAtIndex(JAVA_LONG, i, values.address() + offsets[i]);
    }
  }

  static Kernel of(KernelModule module, long function, String name, String parameters) {
    Kernel kernel = new Kernel(module, function, name, parameters);
    if (CudaModules.knowsParameters()) {
      kernel.check();
    }
    return kernel;
  }

  /** A kernel whose parameters changed must fail here, not compute garbage. */
  private void check() {
    for (int i = 0; i <= offsets.length; i++) {
      CudaModules.Parameter actual = CudaModules.parameter(function, i);
      boolean same =
          i == offsets.length
              ? actual == null
              : actual != null
                  && actual.offset() == offsets[i]
                  && actual.bytes() == sizeOf(parameters.charAt(i));
      if (!same) {
        throw new IllegalStateException(
            "kernel %s: parameter %d is %s, expected %s of \"%s\""
                .formatted(
                    name,
                    i,
                    actual,
                    i == offsets.length ? "none" : parameters.charAt(i) + " at " + offsets[i],
                    parameters));
      }
    }
  }

  private static int sizeOf(char kind) {
    return switch (kind) {
      case 'p', 'l' -> 8;
      case 'i', 'f' -> 4;
      case 'K' -> 24;
      case 'G' -> 20;
      default -> throw new IllegalArgumentException("parameter kind " + kind);
    };
  }

  Kernel begin() {
    next = 0;
    return this;
  }

  Kernel pointer(long address) {
    values.set(JAVA_LONG, offsets[next++], address);
    return this;
  }

  Kernel integer(int value) {
    values.set(JAVA_INT, offsets[next++], value);
    return this;
  }

  Kernel integer64(long value) {
    values.set(JAVA_LONG, offsets[next++], value);
    return this;
  }

  Kernel real(float value) {
    values.set(JAVA_FLOAT, offsets[next++], value);
    return this;
  }

  /** struct Kv of common.cuh; zeros for none. */
  Kernel kv(CudaKvCache kv) {
    int at = offsets[next++];
    if (kv == null) {
      values.asSlice(at, 24).fill((byte) 0);
      return this;
    }
    values.set(JAVA_LONG, at, kv.address());
    values.set(JAVA_LONG, at + 8, kv.blockElements());
    values.set(JAVA_INT, at + 16, kv.layout().kvHeads());
    values.set(JAVA_INT, at + 20, kv.layout().headDim());
    return this;
  }

  /** struct Geometry of attention_decode.cu and attention_prefill.cu. */
  Kernel geometry(int heads, int layer, int window, float scale, float softcap) {
    int at = offsets[next++];
    values.set(JAVA_INT, at, heads);
    values.set(JAVA_INT, at + 4, layer);
    values.set(JAVA_INT, at + 8, window);
    values.set(JAVA_FLOAT, at + 12, scale);
    values.set(JAVA_FLOAT, at + 16, softcap);
    return this;
  }

  void launch(int gridX, int gridY, int gridZ, int threads, int sharedBytes, long stream) {
    if (next != offsets.length) {
      throw new IllegalStateException(
          "kernel %s: %d of %d arguments are set".formatted(name, next, offsets.length));
    }
    if (sharedBytes > sharedLimitBytes) {
      CudaModules.functionSet(function, MAX_DYNAMIC_SHARED_BYTES, sharedBytes);
      sharedLimitBytes = sharedBytes;
    }
    if (gridX == 0 || gridY == 0 || gridZ == 0) {
      return;
    }
    KernelTimes times = module.times();
    long start = times == null ? 0 : times.begin(stream);
    CudaModules.launch(
        function, gridX, gridY, gridZ, threads, 1, 1, sharedBytes, stream, pointers.address());
    if (times != null) {
      times.end(name, start, stream);
    }
  }
}
