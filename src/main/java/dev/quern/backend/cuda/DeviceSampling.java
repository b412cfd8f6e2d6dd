package dev.quern.backend.cuda;

import dev.quern.backend.Batch;
import dev.quern.cuda.CudaStreams;

/** The sampling of one batch on the device: what goes in, what comes out, and when it is there. */
final class DeviceSampling implements AutoCloseable {
  private final SamplingInputs inputs;
  private final SamplingResults results;

  /** Recorded behind the last launch of a step. */
  private final long done = CudaStreams.eventCreate(false);

  private boolean marked;

  /** See {@link SamplingInputs}. */
  DeviceSampling(Batch host, int device, int vocabulary, long kvTokens) {
    int width = Math.max(1, host.sampling.maxLogprobs);
    inputs = new SamplingInputs(host, device, width, vocabulary, kvTokens);
    results = new SamplingResults(host, device, width);
  }

  SamplingInputs inputs() {
    return inputs;
  }

  SamplingResults results() {
    return results;
  }

  void upload(int paddedRows, long stream) {
    marked = false;
    inputs.upload(paddedRows, stream);
  }

  /** Puts the copy of the results on the stream. */
  void download(int rows, long stream) {
    results.download(rows, inputs.logprobs(), stream);
  }

  /** Everything put on the stream so far is what {@link #await} waits for. */
  void markDone(long stream) {
    CudaStreams.eventRecord(done, stream);
    marked = true;
  }

  boolean marked() {
    return marked;
  }

  /** Waits for the results and hands them to the batch. */
  void await() {
    CudaStreams.eventSynchronize(done);
    results.read(inputs.logprobs());
  }

  @Override
  public void close() {
    inputs.close();
    results.close();
    CudaStreams.eventDestroy(done);
  }
}
