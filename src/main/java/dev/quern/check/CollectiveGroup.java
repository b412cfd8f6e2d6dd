package dev.quern.check;

import dev.quern.backend.DType;
import dev.quern.cuda.Nccl;
import java.util.ArrayList;
import java.util.List;

/** The first GPUs of a machine as a group for collectives, all run from the calling thread. */
final class CollectiveGroup {
  private final List<CollectiveGpu> gpus = new ArrayList<>();
  private final long[] communicators;

  /**
   * @param inputBytes the largest input of each GPU
   * @param outputBytes the largest output of each
   */
  CollectiveGroup(int size, long inputBytes, long outputBytes) {
    for (int ordinal = 0; ordinal < size; ordinal++) {
      gpus.add(new CollectiveGpu(ordinal));
    }
    for (CollectiveGpu gpu : gpus) {
      gpu.allocate(gpus, inputBytes, outputBytes);
    }
    communicators = Nccl.commInitAll(size);
  }

  int size() {
    return gpus.size();
  }

  String description() {
    return size() + " × " + gpus.getFirst().name();
  }

  /** The sum of the inputs [N], element by element, as each GPU has it. */
  List<float[]> allReduce(DType dtype, List<float[]> inputs) {
    int count = inputs.getFirst().length;
    return run(dtype, inputs, count, Nccl::allReduceSum);
  }

  /** The inputs [N] one after the other [GPUs · N], as each GPU has them. */
  List<float[]> allGather(DType dtype, List<float[]> inputs) {
    int count = inputs.getFirst().length;
    return run(dtype, inputs, count * size(), Nccl::allGather);
  }

  /** A collective of {@link Nccl}. */
  private interface Collective {
    void run(long to, long from, long count, int type, long communicator, long stream);
  }

  private List<float[]> run(DType dtype, List<float[]> inputs, int outputs, Collective collective) {
    for (int i = 0; i < gpus.size(); i++) {
      gpus.get(i).load(dtype, inputs.get(i));
    }
    int count = inputs.getFirst().length;
    Nccl.group(
        () -> {
          for (int i = 0; i < gpus.size(); i++) {
            CollectiveGpu gpu = gpus.get(i);
            gpu.makeCurrent();
            collective.run(
                gpu.output(), gpu.input(), count, type(dtype), communicators[i], gpu.stream);
          }
        });
    List<float[]> results = new ArrayList<>();
    for (CollectiveGpu gpu : gpus) {
      results.add(gpu.result(dtype, outputs));
    }
    return results;
  }

  /** Not after a failure: a collective that lacks one of its GPUs never ends. */
  void close() {
    for (long communicator : communicators) {
      Nccl.commDestroy(communicator);
    }
    gpus.forEach(CollectiveGpu::close);
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case F32 -> Nccl.FLOAT32;
      case F16 -> Nccl.FLOAT16;
      case BF16 -> Nccl.BFLOAT16;
    };
  }
}
