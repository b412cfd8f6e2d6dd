package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The matrix products of cuBLASLt, as far as Quern uses them (cublasLt.h of CUDA 12 and 13). Opened
 * when first used: the library alone takes a quarter of a second.
 */
public final class CublasLt {
  /** cudaDataType values. */
  public static final int R_32F = 0;

  public static final int R_16F = 2;
  public static final int R_16BF = 14;

  private static final int COMPUTE_32F = 68;
  private static final int DESC_TRANSA = 3;
  private static final int DESC_EPILOGUE = 7;
  private static final int DESC_BIAS_POINTER = 8;
  private static final int OP_T = 1;
  private static final int EPILOGUE_BIAS = 4;
  private static final int PREFERENCE_MAX_WORKSPACE_BYTES = 1;

  /**
   * cublasLtMatmulHeuristicResult_t: algo 64 bytes, workspace size at 64, status at 72, 96 in all.
   */
  private static final int RESULT_BYTES = 96;

  private static final int ALGO_BYTES = 64;
  private static final int RESULT_WORKSPACE = 64;

  private static final NativeLibrary LIBRARY =
      NativeLibrary.open(
          List.of(
              "libcublasLt.so.13",
              "libcublasLt.so.12",
              "libcublasLt.so",
              "/usr/local/cuda/lib64/libcublasLt.so"));
  private static final MethodHandle CREATE = LIBRARY.bind("cublasLtCreate", 1);
  private static final MethodHandle DESTROY = LIBRARY.bind("cublasLtDestroy", 1);
  private static final MethodHandle DESC_CREATE = LIBRARY.bind("cublasLtMatmulDescCreate", 3);
  private static final MethodHandle DESC_SET = LIBRARY.bind("cublasLtMatmulDescSetAttribute", 4);
  private static final MethodHandle LAYOUT_CREATE = LIBRARY.bind("cublasLtMatrixLayoutCreate", 5);
  private static final MethodHandle PREFERENCE_CREATE =
      LIBRARY.bind("cublasLtMatmulPreferenceCreate", 1);
  private static final MethodHandle PREFERENCE_SET =
      LIBRARY.bind("cublasLtMatmulPreferenceSetAttribute", 4);
  private static final MethodHandle HEURISTIC = LIBRARY.bind("cublasLtMatmulAlgoGetHeuristic", 10);
  private static final MethodHandle MATMUL = LIBRARY.bind("cublasLtMatmul", 16);

  private CublasLt() {}

  public static long create() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      call("cublasLtCreate", CREATE, out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void destroy(long handle) {
    call("cublasLtDestroy", DESTROY, handle);
  }

  /**
   * A product y[T,N] = x[T,K] · W[N,K]ᵀ (+ bias[N]) of row-major matrices, with the algorithm that
   * the library's heuristic ranks first. To the library, whose matrices are column-major, it is Yᵀ
   * = Wᵀᵀ · Xᵀ.
   *
   * @param block owns the descriptors' copies; lives as long as the backend
   */
  public record Plan(
      MemorySegment block, long desc, long w, long x, long y, long algo, long workspaceBytes) {}

  public static Plan plan(
      Arena arena,
      long handle,
      int tokens,
      int rows,
      int cols,
      int inputType,
      int outputType,
      boolean bias,
      long workspaceBytes) {
    MemorySegment block = arena.allocate(64 + RESULT_BYTES, 16);
    long desc = created(block, "cublasLtMatmulDescCreate", DESC_CREATE, COMPUTE_32F, R_32F);
    setInt(block, desc, DESC_TRANSA, OP_T);
    if (bias) {
      setInt(block, desc, DESC_EPILOGUE, EPILOGUE_BIAS);
    }
    long w = layout(block, inputType, cols, rows, cols);
    long x = layout(block, inputType, cols, tokens, cols);
    long y = layout(block, outputType, rows, tokens, rows);
    long preference = created(block, "cublasLtMatmulPreferenceCreate", PREFERENCE_CREATE);
    block.set(JAVA_LONG, 8, workspaceBytes);
    call(
        "cublasLtMatmulPreferenceSetAttribute",
        PREFERENCE_SET,
        preference,
        PREFERENCE_MAX_WORKSPACE_BYTES,
        block.address() + 8,
        8L);
    long result = block.address() + 64;
    call(
        "cublasLtMatmulAlgoGetHeuristic",
        HEURISTIC,
        handle,
        desc,
        w,
        x,
        y,
        y,
        preference,
        1L,
        result,
        block.address() + 16);
    if (block.get(JAVA_INT, 16) == 0) {
      throw new NativeLibraryException(
          "cublasLt has no algorithm for %d × %d × %d".formatted(tokens, rows, cols));
    }
    return new Plan(block, desc, w, x, y, result, block.get(JAVA_LONG, 64 + RESULT_WORKSPACE));
  }

  /**
   * Puts the product on the stream. {@code scalars} holds alpha and beta as floats; {@code bias} is
   * 0 for a plan without.
   */
  public static void matmul(
      long handle,
      Plan plan,
      long y,
      long x,
      long w,
      long bias,
      long scalars,
      long workspace,
      long stream) {
    if (bias != 0) {
      plan.block().set(JAVA_LONG, 24, bias);
      call(
          "cublasLtMatmulDescSetAttribute",
          DESC_SET,
          plan.desc(),
          DESC_BIAS_POINTER,
          plan.block().address() + 24,
          8L);
    }
    int code;
    try {
      code =
          (int)
              MATMUL.invokeExact(
                  handle,
                  plan.desc(),
                  scalars,
                  w,
                  plan.w(),
                  x,
                  plan.x(),
                  scalars + 4,
                  y,
                  plan.y(),
                  y,
                  plan.y(),
                  plan.algo(),
                  workspace,
                  plan.workspaceBytes(),
                  stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check("cublasLtMatmul", code);
  }

  private static long layout(MemorySegment block, int type, long rows, long cols, long leading) {
    return created(block, "cublasLtMatrixLayoutCreate", LAYOUT_CREATE, type, rows, cols, leading);
  }

  private static void setInt(MemorySegment block, long desc, int attribute, int value) {
    block.set(JAVA_INT, 8, value);
    call("cublasLtMatmulDescSetAttribute", DESC_SET, desc, attribute, block.address() + 8, 4L);
  }

  /** Calls a function whose first argument receives the handle of what it creates. */
  private static long created(MemorySegment block, String name, MethodHandle f, long... rest) {
    long[] arguments = new long[rest.length + 1];
    arguments[0] = block.address();
    System.arraycopy(rest, 0, arguments, 1, rest.length);
    call(name, f, arguments);
    return block.get(JAVA_LONG, 0);
  }

  /** For calls at set-up, where boxing costs nothing. */
  private static void call(String name, MethodHandle f, long... arguments) {
    int code;
    try {
      code = (int) f.invokeWithArguments(java.util.Arrays.stream(arguments).boxed().toArray());
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(name, code);
  }

  private static void check(String name, int code) {
    if (code != 0) {
      throw new NativeLibraryException(name + " failed with cublasStatus " + code);
    }
  }
}
