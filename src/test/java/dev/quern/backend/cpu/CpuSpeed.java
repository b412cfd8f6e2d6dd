package dev.quern.backend.cpu;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.backend.Layer;
import dev.quern.backend.Linear;
import dev.quern.backend.Mlp;
import dev.quern.backend.Norm;
import dev.quern.backend.Ops;
import dev.quern.backend.Rope;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import dev.quern.backend.Workspace;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Times the ops of one step at the shape of Qwen2.5-0.5B against this machine's limits: decode of 1
 * and 8 sequences, prefill of 512. For tuning, run by hand: {@code CpuSpeed THREADS [DTYPE]}. With
 * one thread it counts CPU time, which other processes disturb less.
 */
final class CpuSpeed {
  private static final int LAYERS = 24;
  private static final int HIDDEN = 896;
  private static final int FFN = 4864;
  private static final int HEADS = 14;
  private static final int KV_HEADS = 2;
  private static final int DIM = 64;
  private static final int VOCABULARY = 151936;
  private static final int HISTORY = 128;

  private final int threads;
  private final DType dtype;
  private final CpuBackend backend;
  private final Ops ops;
  private final Layer[] layers = new Layer[LAYERS];
  private final Weight table;
  private final Norm finalNorm;
  private final KvCache kv;
  private final Map<String, Long> times = new TreeMap<>();

  private CpuSpeed(int threads, DType dtype) {
    this.threads = threads;
    this.dtype = dtype;
    backend = CpuBackend.create(threads);
    ops = Boolean.getBoolean("profile") ? profiled(backend.ops()) : backend.ops();
    finalNorm = norm();
    table = matrix(VOCABULARY, HIDDEN);
    float[] angles = new float[2048 * DIM];
    java.util.Arrays.fill(angles, 0.7f);
    Rope rope = new Rope(backend.constant("rope", 2048, DIM, angles), DIM, false);
    for (int i = 0; i < LAYERS; i++) {
      int cols = (HEADS + 2 * KV_HEADS) * DIM;
      Linear qkv = new Linear(matrix(cols, HIDDEN), vector(cols));
      Linear out = new Linear(matrix(HIDDEN, HEADS * DIM), null);
      Attention attention =
          new Attention(
              qkv, out, HEADS, KV_HEADS, DIM, 0.125f, 0, 0, null, null, null, false, false, 0, rope,
              null);
      Linear up = new Linear(matrix(2 * FFN, HIDDEN), null);
      Linear down = new Linear(matrix(HIDDEN, FFN), null);
      Mlp mlp = new Mlp(up, down, Activation.SILU, null, true, FFN);
      layers[i] = new Layer(i, norm(), attention, null, norm(), mlp, null, false, 1);
    }
    kv = backend.kvCache(new KvLayout(LAYERS, KV_HEADS, DIM, 16, DType.F32), 8 * 64);
  }

  public static void main(String[] args) {
    int threads = Integer.parseInt(args[0]);
    long start = System.nanoTime();
    CpuSpeed speed = new CpuSpeed(threads, args.length > 1 ? DType.valueOf(args[1]) : DType.BF16);
    System.out.printf("weights made in %.1f s%n", (System.nanoTime() - start) * 1e-9);
    for (int round = 0; round < Integer.getInteger("rounds", 3); round++) {
      MachineLimits limits = MachineLimits.measure(threads);
      System.out.printf(
          "limits: %.1f GB/s, %.0f GFLOP/s%n",
          limits.bandwidthBytesPerSecond() * 1e-9, limits.fmaFlopsPerSecond() * 1e-9);
      speed.report(limits, 1, 1, HISTORY, 10);
      speed.report(limits, 8, 1, HISTORY, 6);
      speed.report(limits, 1, 512, 0, 2);
    }
  }

  private Weight matrix(int rows, int cols) {
    return backend.matrix(
        "w", dtype, List.of(new WeightPart.Random(rows, cols, rows, 0.03f, false)));
  }

  private Tensor vector(int cols) {
    return backend.vector("v", List.of(new WeightPart.Constant(1, cols, 1)));
  }

  private Norm norm() {
    return new Norm(Norm.Kind.RMS, vector(HIDDEN), null, 1e-6f, 0);
  }

  private void report(MachineLimits limits, int sequences, int rows, int past, int runs) {
    Batch batch = batch(sequences, rows, past);
    Workspace w = workspace(batch.tokens);
    Tensor logits = backend.activation("logits", sequences, VOCABULARY);
    Tensor last = backend.activation("last", sequences, HIDDEN);
    double best = Double.MAX_VALUE;
    for (int run = 0; run < runs; run++) {
      long start = clock();
      step(batch, w, last, logits);
      best = Math.min(best, (clock() - start) * 1e-9);
    }
    long inner = (long) LAYERS * (HIDDEN * (2L * KV_HEADS * DIM + 2L * HIDDEN + 3L * FFN));
    long head = (long) VOCABULARY * HIDDEN;
    double bytes = (inner + head) * (double) dtype.bytes() / limits.bandwidthBytesPerSecond();
    double flops = 2.0 * (inner * batch.tokens + head * sequences) / limits.fmaFlopsPerSecond();
    System.out.printf(
        "%d × %d: %.1f ms, %.1f tokens/s; %.2f of bandwidth, %.2f of FMA%n",
        sequences, rows, best * 1e3, batch.tokens / best, bytes / best, flops / best);
    printTimes(runs);
  }

  private void step(Batch batch, Workspace w, Tensor last, Tensor logits) {
    ops.embed(w.x(), table, 1, batch);
    for (Layer layer : layers) {
      ops.decoderLayer(layer, w, kv, batch);
    }
    ops.gatherRows(last, w.x(), batch, 0);
    ops.normLinear(logits, last, finalNorm, new Linear(table, null), last);
    ops.sample(logits, batch);
  }

  private Batch batch(int sequences, int rows, int past) {
    Batch batch = backend.batch(new BatchLimits(sequences * rows, sequences, 64, 0));
    batch.tokens = sequences * rows;
    batch.sequences = sequences;
    batch.sampledRows = sequences;
    batch.logits = sequences;
    for (int s = 0; s < sequences; s++) {
      batch.seqStarts[s + 1] = (s + 1) * rows;
      batch.kvLengths[s] = past + rows;
      batch.logitRows[s] = (s + 1) * rows - 1;
      for (int i = 0; i < 64; i++) {
        batch.blockTables[s * 64 + i] = s * 64 + i;
      }
      for (int i = 0; i < rows; i++) {
        batch.positions[s * rows + i] = past + i;
        batch.slots[s * rows + i] = s * 1024 + past + i;
      }
    }
    return batch;
  }

  private Workspace workspace(int tokens) {
    return new Workspace(
        backend.activation("x", tokens, HIDDEN),
        backend.activation("normed", tokens, HIDDEN),
        backend.activation("qkv", tokens, (HEADS + 2 * KV_HEADS) * DIM),
        backend.activation("attended", tokens, HEADS * DIM),
        backend.activation("delta", tokens, HIDDEN),
        backend.activation("wide", tokens, 2 * FFN),
        backend.activation("activated", tokens, FFN));
  }

  /** Adds up the time of each small op; the coarse ones run through it. */
  private Ops profiled(Ops inner) {
    return (Ops)
        Proxy.newProxyInstance(
            Ops.class.getClassLoader(),
            new Class<?>[] {Ops.class},
            (proxy, method, args) -> {
              Class<?> owner =
                  inner
                      .getClass()
                      .getMethod(method.getName(), method.getParameterTypes())
                      .getDeclaringClass();
              if (owner == Ops.class) {
                return InvocationHandler.invokeDefault(proxy, method, args);
              }
              method.setAccessible(true);
              long start = clock();
              Object result = method.invoke(inner, args);
              String name = method.getName();
              if (args.length > 2 && args[2] instanceof Linear linear) {
                name += " " + linear.weight().rows() + "x" + linear.weight().cols();
              }
              times.merge(name, clock() - start, Long::sum);
              return result;
            });
  }

  private void printTimes(int runs) {
    times.forEach(
        (name, time) -> System.out.printf("    %-24s %8.2f ms%n", name, time * 1e-6 / runs));
    times.clear();
  }

  private long clock() {
    return threads == 1
        ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
        : System.nanoTime();
  }
}
