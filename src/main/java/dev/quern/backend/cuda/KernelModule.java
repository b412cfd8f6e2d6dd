package dev.quern.backend.cuda;

import dev.quern.backend.DType;
import dev.quern.cuda.CudaModules;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The kernels of {@code native/}, loaded from the embedded fatbin into the current context; found
 * by name.
 */
final class KernelModule implements AutoCloseable {
  static final String RESOURCE = "kernels/quern.fatbin";

  private final long module;
  private final Map<String, Kernel> kernels = new HashMap<>();

  /** Where launches note their times, or null. */
  private KernelTimes times;

  private KernelModule(long module) {
    this.module = module;
  }

  /** Whether this build has kernels: it has none where it was made without nvcc. */
  static boolean embedded() {
    return KernelModule.class.getClassLoader().getResource(RESOURCE) != null;
  }

  static KernelModule load() {
    try (InputStream resource = KernelModule.class.getClassLoader().getResourceAsStream(RESOURCE);
        Arena arena = Arena.ofConfined()) {
      if (resource == null) {
        throw new IllegalStateException(
            "this build has no CUDA kernels; install the CUDA toolkit (12.8 or newer) and run"
                + " ./mvnw package");
      }
      byte[] image = resource.readAllBytes();
      MemorySegment copy = arena.allocate(image.length, 16);
      MemorySegment.copy(image, 0, copy, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, image.length);
      return new KernelModule(CudaModules.moduleLoad(copy.address()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The kernel of that name with parameters of these sizes; checked against the kernel's own where
   * the driver tells them.
   */
  Kernel kernel(String name, String parameters) {
    Kernel known = kernels.get(name);
    if (known != null) {
      return known;
    }
    Kernel made = Kernel.of(this, CudaModules.moduleFunction(module, name), name, parameters);
    kernels.put(name, made);
    return made;
  }

  /** The variant of a kernel for a type, ready for its arguments. */
  Kernel kernel(String name, DType dtype, String parameters) {
    String suffix =
        switch (dtype) {
          case F32 -> "_f32";
          case F16 -> "_f16";
          case BF16 -> "_bf16";
        };
    return kernel(name + suffix, parameters).begin();
  }

  KernelTimes times() {
    return times;
  }

  void times(KernelTimes to) {
    times = to;
  }

  @Override
  public void close() {
    CudaModules.moduleUnload(module);
  }
}
