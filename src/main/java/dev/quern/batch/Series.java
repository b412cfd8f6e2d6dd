package dev.quern.batch;

/**
 * Counters over time, in a bounded number of points: where it is full every second point goes and
 * the interval doubles.
 */
final class Series {
  static final int MAX_POINTS = 400;
  private static final int COLUMNS = 3;

  private final double[][] points = new double[MAX_POINTS][];
  private int size;
  private double interval = 0.25;

  Series() {
    points[size++] = new double[COLUMNS];
  }

  /**
   * Kept when it is time for a point.
   *
   * @param last kept in any case: it is the end
   */
  void add(double seconds, long lines, long tokens, boolean last) {
    if (!last && seconds < points[size - 1][0] + interval) return;
    if (size == MAX_POINTS) {
      for (int i = 0; i < MAX_POINTS / 2; i++) points[i] = points[2 * i];
      size = MAX_POINTS / 2;
      interval *= 2;
    }
    points[size++] = new double[] {seconds, lines, tokens};
  }

  int size() {
    return size;
  }

  double seconds(int point) {
    return points[point][0];
  }

  /** Of the time between a point and the one before. */
  double linesPerSecond(int point) {
    return rate(point, 1);
  }

  double tokensPerSecond(int point) {
    return rate(point, 2);
  }

  private double rate(int point, int column) {
    double seconds = points[point][0] - points[point - 1][0];
    return seconds <= 0 ? 0 : (points[point][column] - points[point - 1][column]) / seconds;
  }
}
