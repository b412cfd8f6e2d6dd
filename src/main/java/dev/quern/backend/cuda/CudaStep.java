package dev.quern.backend.cuda;

import dev.quern.backend.Backend.StepPart;
import dev.quern.backend.Step;

/**
 * A part of a step. The first time it runs as it is, so that the first token waits for no recording
 * and every kernel is loaded and planned; when it comes again, and is one that can be, it is
 * recorded as a graph and replayed from then on.
 */
final class CudaStep implements Step {
  private final StepGraphs graphs;
  private final StepPart part;
  private final boolean small;
  private final Runnable body;
  private boolean warm;
  private long graph;

  CudaStep(StepGraphs graphs, StepPart part, boolean small, Runnable body) {
    this.graphs = graphs;
    this.part = part;
    this.small = small;
    this.body = body;
  }

  @Override
  public void launch() {
    if (!small || !graphs.recordable(part)) {
      body.run();
      return;
    }
    if (graph == 0 && !warm) {
      warm = true;
      body.run();
      return;
    }
    if (graph == 0) {
      graph = graphs.record(body);
    }
    graphs.replay(part, graph);
  }
}
