package dev.quern.check;

import dev.quern.backend.DType;
import dev.quern.cuda.Nccl;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * NCCL's all-reduce and all-gather over all GPUs against the CPU, several times each: results must
 * be the same, bit for bit, on every GPU and every time. Sizes are odd, and from where latency
 * counts to where bandwidth does: NCCL has a protocol for each.
 */
final class CollectiveCheck {
  private static final int[] COUNTS = {1, 3, 1_023, 65_537, 1_000_003};
  private static final int RUNS = 5;

  private CollectiveCheck() {}

  /** Runs all, or says in one line why it cannot. */
  static void run(int gpus, List<DType> dtypes, PrintStream out, Consumer<OpCheck.Row> report) {
    if (gpus < 2) {
      out.println("all-reduce and all-gather are not checked: there is 1 GPU");
      return;
    }
    int version;
    try {
      version = Nccl.version();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      out.println("all-reduce and all-gather are not checked: NCCL is not there: " + reason);
      return;
    }
    long bytes = 4L * COUNTS[COUNTS.length - 1];
    CollectiveGroup group = new CollectiveGroup(gpus, bytes, bytes + 8L * gpus);
    out.printf(
        "%s, NCCL %d.%d.%d%n",
        group.description(), version / 10_000, version / 100 % 100, version % 100);
    for (DType dtype : dtypes) {
      for (int count : COUNTS) {
        allReduce(group, dtype, count, report);
        // Outputs of about that size, of odd parts.
        allGather(group, dtype, Math.ceilDiv(count, gpus) | 1, report);
      }
    }
    group.close();
  }

  private static void allReduce(
      CollectiveGroup group, DType dtype, int count, Consumer<OpCheck.Row> report) {
    List<float[]> inputs = inputs(group.size(), dtype, count);
    List<float[]> first = group.allReduce(dtype, inputs);
    String name = "all-reduce of %,d".formatted(count);
    report.accept(row(name, dtype, first, sum(inputs), OpCheck.limit(dtype)));
    int differing = differing(first.getFirst(), first);
    for (int run = 1; run < RUNS; run++) {
      differing += differing(first.getFirst(), group.allReduce(dtype, inputs));
    }
    report.accept(same(name, dtype, differing, (long) count * group.size()));
  }

  private static void allGather(
      CollectiveGroup group, DType dtype, int count, Consumer<OpCheck.Row> report) {
    List<float[]> inputs = inputs(group.size(), dtype, count);
    float[] expected = concatenation(inputs);
    List<float[]> first = group.allGather(dtype, inputs);
    String name = "all-gather of %,d each".formatted(count);
    report.accept(row(name, dtype, first, expected, 0));
    int differing = differing(first.getFirst(), first);
    for (int run = 1; run < RUNS; run++) {
      differing += differing(first.getFirst(), group.allGather(dtype, inputs));
    }
    report.accept(same(name, dtype, differing, (long) expected.length * group.size()));
  }

  /** None below zero: a sum near zero would have a large error for rounding alone. */
  private static List<float[]> inputs(int gpus, DType dtype, int count) {
    List<float[]> inputs = new ArrayList<>();
    for (int gpu = 0; gpu < gpus; gpu++) {
      inputs.add(new Values(31L * count + gpu, dtype).uniform(count, 1, 1));
    }
    return inputs;
  }

  private static OpCheck.Row row(
      String name, DType dtype, List<float[]> results, float[] expected, double limit) {
    List<float[]> all = new ArrayList<>();
    results.forEach(result -> all.add(expected));
    return new OpCheck.Row(name, dtype, OpCheck.error(results, all), limit);
  }

  private static OpCheck.Row same(String name, DType dtype, int differing, long elements) {
    return new OpCheck.Row(
        name + ", %d times".formatted(RUNS), dtype, (double) differing / (RUNS * elements), 0);
  }

  /** Added in double, rounded once to float. */
  static float[] sum(List<float[]> inputs) {
    float[] sum = new float[inputs.getFirst().length];
    for (int i = 0; i < sum.length; i++) {
      double total = 0;
      for (float[] input : inputs) {
        total += input[i];
      }
      sum[i] = (float) total;
    }
    return sum;
  }

  static float[] concatenation(List<float[]> inputs) {
    int count = inputs.getFirst().length;
    float[] all = new float[count * inputs.size()];
    for (int i = 0; i < inputs.size(); i++) {
      System.arraycopy(inputs.get(i), 0, all, i * count, count);
    }
    return all;
  }

  /** Elements whose bits are not those of the first. */
  static int differing(float[] first, List<float[]> others) {
    int differing = 0;
    for (float[] other : others) {
      for (int i = 0; i < first.length; i++) {
        if (Float.floatToRawIntBits(first[i]) != Float.floatToRawIntBits(other[i])) {
          differing++;
        }
      }
    }
    return differing;
  }
}
