package dev.quern.backend;

/** A recorded part of a step: on CUDA a graph, on the CPU just the code. */
public interface Step {
  /** Starts it; returns before it is done where the device is asynchronous. */
  void launch();
}
