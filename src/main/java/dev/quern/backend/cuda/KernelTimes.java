package dev.quern.backend.cuda;

import dev.quern.cuda.CudaStreams;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Time by kernel, from an event before and one behind each launch. Steps run unrecorded meanwhile,
 * so that each kernel can be told apart; what an event pair adds to a kernel is about a
 * microsecond.
 */
final class KernelTimes {
  private record Span(String name, long start, long end) {}

  private static final class Sum {
    long launches;
    double seconds;
  }

  private final Deque<Long> freeEvents = new ArrayDeque<>();
  private final Deque<Span> running = new ArrayDeque<>();
  private final Map<String, Sum> sums = new HashMap<>();

  /** Puts a start on the stream; give it to {@link #end}. */
  long begin(long stream) {
    long event = event();
    CudaStreams.eventRecord(event, stream);
    return event;
  }

  void end(String name, long start, long stream) {
    long event = event();
    CudaStreams.eventRecord(event, stream);
    running.add(new Span(name, start, event));
  }

  private long event() {
    while (freeEvents.isEmpty() && takeFirstDone()) {
      // spans whose kernels are done give their events back
    }
    Long free = freeEvents.poll();
    return free == null ? CudaStreams.eventCreate(true) : free;
  }

  private boolean takeFirstDone() {
    Span first = running.peek();
    if (first == null || !CudaStreams.tryEventDone(first.end())) {
      return false;
    }
    take(running.remove());
    return true;
  }

  private void take(Span span) {
    Sum sum = sums.computeIfAbsent(span.name(), name -> new Sum());
    sum.launches++;
    sum.seconds += CudaStreams.eventElapsed(span.start(), span.end()) / 1e3;
    freeEvents.add(span.start());
    freeEvents.add(span.end());
  }

  /** Waits for what runs; all kernels, the one that took longest first. */
  List<KernelTime> finish() {
    while (!running.isEmpty()) {
      CudaStreams.eventSynchronize(running.peek().end());
      take(running.remove());
    }
    freeEvents.forEach(CudaStreams::eventDestroy);
    List<KernelTime> times = new ArrayList<>();
    sums.forEach((name, sum) -> times.add(new KernelTime(name, sum.launches, sum.seconds)));
    times.sort((a, b) -> Double.compare(b.seconds(), a.seconds()));
    return times;
  }
}
