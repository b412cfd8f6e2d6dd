package dev.quern.settings;

import java.util.OptionalLong;

/** Where the model runs and what it may take. */
public interface DeviceSettings {
  @Flag(
      value = "where the model runs; auto = a GPU if there is one",
      oneOf = {"auto", "cuda", "cpu"},
      defaultsTo = "auto")
  String device();

  @Flag(value = "CPU threads; 0 = all cores", min = 0, max = 4096, defaultsTo = "0")
  int threads();

  @Flag(
      value =
          "engines behind one queue: one on each of so many GPUs, or on a share of the CPU's"
              + " threads",
      min = 1,
      max = 1024,
      defaultsTo = "1")
  int dataParallelSize();

  @Flag(
      value =
          "on a GPU, results that do not depend on what else is in the batch, bit for bit; many"
              + " times slower; on the CPU they never do",
      defaultsTo = "false")
  boolean batchInvariant();

  @Flag(
      value =
          "how a GPU's weights are read from files that are not in the page cache: direct = past"
              + " it; buffered = through it, so that the next load finds them there; auto = direct"
              + " for one GPU, buffered for several",
      oneOf = {"auto", "direct", "buffered"},
      defaultsTo = "auto")
  String coldReads();

  @Flag(
      value =
          "memory of the KV cache in bytes, 4g and 4G (1024s) too; unset = computed from what is"
              + " free",
      min = 1)
  OptionalLong kvCacheMemoryBytes();

  @Flag(
      value = "share of the device's memory that may be used",
      min = 0.01,
      max = 1,
      defaultsTo = "0.92")
  double gpuMemoryUtilization();
}
