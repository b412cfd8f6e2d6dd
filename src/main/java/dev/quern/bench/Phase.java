package dev.quern.bench;

/**
 * A part of a run in which the same kind of step ran.
 *
 * @param tokens computed in it
 * @param steps run in it, at least
 * @param work needed for it
 * @param limits the machine's, measured before and after
 */
record Phase(double seconds, int tokens, int steps, Work work, Limits limits) {
  double tokensPerSecond() {
    return tokens / seconds;
  }

  /** Bytes moved over bytes that could have been. */
  double ofBandwidth() {
    return work.bytes() / seconds / limits.bytesPerSecond();
  }

  /** Operations done over operations that could have been. */
  double ofFma() {
    return work.flops() / seconds / limits.flopsPerSecond();
  }

  /** The same for the slower of the two limits. */
  double ofLimit() {
    return work.leastSeconds(limits) / seconds;
  }
}
