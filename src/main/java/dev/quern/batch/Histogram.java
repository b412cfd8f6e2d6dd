package dev.quern.batch;

import java.util.Arrays;

/** Counts by powers of two: bucket 0 holds 0, bucket i values from 2^(i-1) to 2^i - 1. */
final class Histogram {
  private final long[] counts = new long[40];

  void add(long value) {
    counts[Math.min(counts.length - 1, 64 - Long.numberOfLeadingZeros(Math.max(0, value)))]++;
  }

  /** Up to the last one that is not empty. */
  long[] buckets() {
    int end = counts.length;
    while (end > 0 && counts[end - 1] == 0) end--;
    return Arrays.copyOf(counts, end);
  }

  static String label(int bucket) {
    if (bucket == 0) return "0";
    long from = 1L << bucket - 1;
    return from < 1024 ? "" + from : from < 1 << 20 ? from / 1024 + "K" : from / (1 << 20) + "M";
  }
}
