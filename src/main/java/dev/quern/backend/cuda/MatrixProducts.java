package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quern.backend.DType;
import dev.quern.cuda.CublasLt;
import dev.quern.cuda.NativeLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * cuBLASLt's products, planned once per shape. The library is opened on the first product that
 * wants it, so that a decode step of few rows never waits for it; where it is missing our own
 * kernels do all.
 */
final class MatrixProducts implements AutoCloseable {
  static final long WORKSPACE_BYTES = 32L << 20;

  private record Shape(int tokens, int rows, int cols, DType in, DType out, boolean bias) {}

  private final Arena host = Arena.ofShared();
  private final MemorySegment scalars;
  private final Map<Shape, CublasLt.Plan> plans = new HashMap<>();
  private long handle;
  private final long workspace;

  /** Shapes that the library has no algorithm for. */
  private final Set<Shape> refused = new HashSet<>();

  private boolean missing;

  /** Where products note their times, or null. */
  private KernelTimes times;

  void times(KernelTimes to) {
    times = to;
  }

  MatrixProducts(DeviceArena arena) {
    workspace = arena.allocate(WORKSPACE_BYTES);
    scalars = host.allocate(8, 8);
  }

  /**
   * Puts y = x · Wᵀ + bias on the stream, or with {@code add} y += alpha · x · Wᵀ; false where the
   * library cannot do it.
   */
  boolean multiply(
      CudaTensor y,
      CudaTensor x,
      CudaWeight w,
      CudaTensor bias,
      float alpha,
      boolean add,
      long stream) {
    if (missing || x.dtype() == DType.F32 || bias != null && bias.dtype() != y.dtype()) {
      return false;
    }
    Shape shape = new Shape(x.rows(), w.rows(), w.cols(), x.dtype(), y.dtype(), bias != null);
    CublasLt.Plan plan = plans.get(shape);
    if (plan == null) {
      plan = refused.contains(shape) ? null : plan(shape);
      if (plan == null) {
        refused.add(shape);
        return false;
      }
      plans.put(shape, plan);
    }
    // Read during the call.
    scalars.set(JAVA_FLOAT, 0, alpha);
    scalars.set(JAVA_FLOAT, 4, add ? 1f : 0f);
    long start = times == null ? 0 : times.begin(stream);
    CublasLt.matmul(
        handle,
        plan,
        y.address(),
        x.address(),
        w.address(),
        bias == null ? 0 : bias.address(),
        scalars.address(),
        workspace,
        stream);
    if (times != null) {
      times.end("cublasLt N %d K %d".formatted(shape.rows, shape.cols), start, stream);
    }
    return true;
  }

  private CublasLt.Plan plan(Shape s) {
    try {
      if (handle == 0) {
        handle = CublasLt.create();
      }
    } catch (NativeLibraryException | ExceptionInInitializerError | NoClassDefFoundError e) {
      missing = true;
      System.getLogger(MatrixProducts.class.getName())
          .log(System.Logger.Level.WARNING, "cuBLASLt is not used: " + e);
      return null;
    }
    try {
      return CublasLt.plan(
          host, handle, s.tokens, s.rows, s.cols, type(s.in), type(s.out), s.bias, WORKSPACE_BYTES);
    } catch (NativeLibraryException none) {
      return null; // odd sizes: our own kernel does it
    }
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case F32 -> CublasLt.R_32F;
      case F16 -> CublasLt.R_16F;
      case BF16 -> CublasLt.R_16BF;
    };
  }

  @Override
  public void close() {
    if (handle != 0) {
      CublasLt.destroy(handle);
    }
    host.close();
  }
}
