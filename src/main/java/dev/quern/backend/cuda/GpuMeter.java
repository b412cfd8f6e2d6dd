package dev.quern.backend.cuda;

import java.util.List;

/** What benchmarks ask of a GPU: its limits, and the time that each kernel takes. */
public final class GpuMeter {
  private final CudaDevice device;
  private final KernelModule kernels;
  private final MatrixProducts products;
  private final StepGraphs graphs;
  private volatile KernelTimes wanted;

  GpuMeter(CudaDevice device, KernelModule kernels, MatrixProducts products, StepGraphs graphs) {
    this.device = device;
    this.kernels = kernels;
    this.products = products;
    this.graphs = graphs;
  }

  /** Measures the device; no step may be running. */
  public GpuLimits limits() {
    device.enter();
    return GpuLimits.measure(device.handle, kernels, device.multiprocessors);
  }

  /** What the device takes of pinned memory, measured; no step may be running. */
  public double pinnedBytesPerSecond() {
    device.enter();
    return GpuLimits.pinned(device.handle);
  }

  /** From the next step on the time of each kernel is taken. */
  public void startProfile() {
    wanted = new KernelTimes();
  }

  /** Time by kernel since {@link #startProfile}; no step may be running. */
  public List<KernelTime> stopProfile() {
    device.finishSteps();
    KernelTimes taken = wanted;
    wanted = null;
    stepBegins();
    return taken.finish();
  }

  /** On the thread that launches: what was asked for holds from now on. */
  void stepBegins() {
    KernelTimes times = wanted;
    kernels.times(times);
    products.times(times);
    graphs.pause(times != null);
  }
}
