package dev.quern.backend.cuda;

import dev.quern.backend.Backend.StepPart;
import dev.quern.backend.Batch;
import dev.quern.cuda.CudaGraphs;
import java.util.ArrayList;
import java.util.List;

/** Records parts of steps as graphs and replays them. */
final class StepGraphs implements AutoCloseable {
  private final StepInputs inputs;
  private final long stream;
  private final List<Long> recorded = new ArrayList<>();
  private boolean recording;
  private boolean paused;

  StepGraphs(StepInputs inputs, long stream) {
    this.inputs = inputs;
    this.stream = stream;
  }

  /** While kernels are timed one by one, nothing is replayed. */
  void pause(boolean now) {
    paused = now;
  }

  /** The last op of a step, launched or recorded: its results travel to the host. */
  void resultsReady(Batch batch) {
    inputs.download(batch);
    if (!recording) {
      inputs.markDone();
    }
  }

  /** Whether this part of the step now uploaded may be recorded or replayed. */
  boolean recordable(StepPart part) {
    return !paused && inputs.recordable(part);
  }

  /** Records what {@code body} launches; the graph lives until {@link #close}. */
  long record(Runnable body) {
    recording = true;
    CudaGraphs.captureBegin(stream);
    long launches = 0;
    try {
      body.run();
    } finally {
      recording = false;
      launches = CudaGraphs.captureEnd(stream);
    }
    try {
      long graph = CudaGraphs.graphInstantiate(launches);
      recorded.add(graph);
      return graph;
    } finally {
      CudaGraphs.graphDestroy(launches);
    }
  }

  /** Launches a recorded part of the current step. */
  void replay(StepPart part, long graph) {
    CudaGraphs.graphLaunch(graph, stream);
    if (part == StepPart.SAMPLE) {
      inputs.markDone();
    }
  }

  @Override
  public void close() {
    recorded.forEach(CudaGraphs::graphExecDestroy);
  }
}
