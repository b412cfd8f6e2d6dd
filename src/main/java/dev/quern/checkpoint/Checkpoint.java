package dev.quern.checkpoint;

import dev.quern.backend.DType;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** The weights that a model is bound from: tensors of files, or random values. */
public sealed interface Checkpoint {
  /**
   * Tensors of files.
   *
   * @param tensors by name, in the order of files and bytes
   */
  record Stored(Path folder, Map<String, StoredTensor> tensors) implements Checkpoint {
    public Set<String> names() {
      return tensors.keySet();
    }

    /** The tensor of that name, or null. */
    public StoredTensor get(String name) {
      return tensors.get(name);
    }

    /**
     * The narrowest type that holds every weight of the files exactly, from their headers alone;
     * null when they have none.
     */
    public DType commonType() {
      DType common = null;
      for (StoredTensor tensor : tensors.values()) {
        DType type = tensor.type().dtype();
        if (type != null && type != common) common = common == null ? type : DType.F32;
      }
      return common;
    }

    /** Bytes of all tensors. */
    public long bytes() {
      long bytes = 0;
      for (StoredTensor tensor : tensors.values()) bytes += tensor.data().byteSize();
      return bytes;
    }
  }

  /**
   * Random values of the right shapes.
   *
   * @param seed the same seed gives the same model
   * @param sharedPages weights may lie on the same physical pages and then cost no memory; never
   *     where time is measured
   */
  record Dummy(long seed, boolean sharedPages) implements Checkpoint {}

  /**
   * The weights in {@code folder}; dummy weights share pages.
   *
   * @throws CheckpointException when a file is missing or malformed
   */
  static Checkpoint open(Path folder, LoadFormat format) {
    return format == LoadFormat.DUMMY
        ? new Dummy(0, true)
        : new Stored(folder, WeightFiles.open(folder, format.formats()));
  }
}
