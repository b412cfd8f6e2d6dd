package dev.quern.checkpoint;

import dev.quern.backend.Backend;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import dev.quern.model.BoundWeights;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightPlan;
import dev.quern.model.WeightSlot;
import dev.quern.model.WeightSlot.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Hands every weight of a plan to a backend, in the order of the bytes in the files, so that a cold
 * file is read from front to back. Nothing is handed over before everything is known to fit.
 */
public final class WeightLoader {
  private final WeightPlan plan;
  private final ModelSpec spec;
  private final Backend backend;
  private final Map<String, Weight> matrices = new HashMap<>();
  private final Map<String, Tensor> vectors = new HashMap<>();

  private WeightLoader(WeightPlan plan, ModelSpec spec, Backend backend) {
    this.plan = plan;
    this.spec = spec;
    this.backend = backend;
  }

  /**
   * Loads every slot of the plan; matrices are held in the spec's dtype.
   *
   * @throws CheckpointException lists every missing, unexpected or misshaped tensor
   */
  public static BoundWeights load(
      WeightPlan plan, Checkpoint checkpoint, ModelSpec spec, Backend backend) {
    return loadAndReport(plan, checkpoint, spec, backend).weights();
  }

  /** As {@link #load}, with what it took. */
  public static LoadedWeights loadAndReport(
      WeightPlan plan, Checkpoint checkpoint, ModelSpec spec, Backend backend) {
    long start = System.nanoTime();
    WeightLoader loader = new WeightLoader(plan, spec, backend);
    int files = 0;
    long storedBytes = 0;
    switch (checkpoint) {
      case Checkpoint.Dummy dummy ->
          backend.loading(() -> loader.loadDummy(new DummyWeights(dummy, spec)));
      case Checkpoint.Stored stored -> {
        TensorMatch match = new TensorMatch(plan, stored);
        backend.loading(() -> loader.loadStored(match));
        Set<Path> read = new HashSet<>();
        for (WeightSlot slot : plan.slots())
          for (Source source : slot.sources()) {
            read.add(match.of(source).file());
            storedBytes += bytesOf(source, match.of(source));
          }
        files = read.size();
      }
    }
    long deviceBytes = 0;
    for (Weight matrix : loader.matrices.values()) deviceBytes += matrix.deviceBytes();
    return new LoadedWeights(
        new BoundWeights(Map.copyOf(loader.matrices), Map.copyOf(loader.vectors)),
        new LoadReport(
            plan.slots().size(),
            files,
            storedBytes,
            deviceBytes,
            System.nanoTime() - start,
            checkpoint instanceof Checkpoint.Dummy));
  }

  private void loadDummy(DummyWeights dummy) {
    for (WeightSlot slot : plan.slots()) bind(slot, dummy.parts(slot));
  }

  private void loadStored(TensorMatch match) {
    List<WeightSlot> slots = new ArrayList<>(plan.slots());
    slots.sort(
        Comparator.comparing(
                (WeightSlot slot) ->
                    match.of(slot.sources().getFirst()).file().getFileName().toString(),
                new NaturalOrder())
            .thenComparingLong(slot -> match.of(slot.sources().getFirst()).fileOffset()));
    for (WeightSlot slot : slots) {
      List<WeightPart> parts = new ArrayList<>(slot.sources().size());
      for (Source source : slot.sources()) parts.add(stored(source, match.of(source)));
      bind(slot, parts);
    }
  }

  private void bind(WeightSlot slot, List<WeightPart> parts) {
    switch (slot.kind()) {
      case MATRIX -> matrices.put(slot.name(), backend.matrix(slot.name(), spec.dtype(), parts));
      case NORM, BIAS -> vectors.put(slot.name(), backend.vector(slot.name(), parts));
    }
  }

  private static WeightPart stored(Source source, StoredTensor tensor) {
    return new WeightPart.Stored(
        tensor.data(),
        tensor.type().dtype(),
        source.storedRows(),
        source.storedCols(),
        source.firstRow(),
        source.blockRows(),
        source.strideRows(),
        source.blocks(),
        source.transposed(),
        // A tensor that had to be put in order lies in memory.
        tensor.data().isMapped()
            ? new WeightPart.FilePlace(tensor.file(), tensor.fileOffset())
            : null);
  }

  /** Bytes of the rows that a source takes; several may share a tensor. */
  private static long bytesOf(Source source, StoredTensor tensor) {
    int width = source.transposed() ? source.storedRows() : source.storedCols();
    return (long) source.blockRows() * source.blocks() * width * tensor.type().bits() / 8;
  }
}
