package dev.quern.bench;

/**
 * What must be moved and computed at least.
 *
 * @param bytes between memory and processor
 * @param flops operations; a multiply-add is two
 */
record Work(double bytes, double flops) {
  static final Work NONE = new Work(0, 0);

  Work plus(Work other) {
    return new Work(bytes + other.bytes, flops + other.flops);
  }

  Work times(double factor) {
    return new Work(bytes * factor, flops * factor);
  }

  /** The least time: the slower of both limits, since moving and computing overlap. */
  double leastSeconds(Limits limits) {
    return Math.max(bytes / limits.bytesPerSecond(), flops / limits.flopsPerSecond());
  }
}
