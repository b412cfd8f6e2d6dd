package dev.quern.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The highest logit with vectors and in plain Java, by what its definition says of each case. */
class LogitMathTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private final LogitMath[] both = {new LogitMath.Plain(), new VectorLogitMath()};

  @Test
  void theLowestIdOfTheHighest() {
    is(0, 3f);
    is(1, 1f, 2f, 2f);
    is(0, -0f, 0f);
    is(2, -INF, -INF, -1f);
    is(0, -INF, -INF);
    is(1, 5f, INF, INF);
  }

  @Test
  void aNanCountsOnlyWhereThereIsNothingElse() {
    is(1, NAN, -INF, NAN);
    is(2, NAN, 1f, 4f, NAN);
    is(1, NAN, NAN);
  }

  /** At every place of every length, so that whole vectors and the rest after them are met. */
  @Test
  void everyPlaceIsFound() {
    for (int length = 1; length <= 70; length++) {
      for (int place = 0; place < length; place++) {
        float[] values = new float[length];
        Arrays.fill(values, -2);
        values[place] = -1;
        is(place, values);
        values[length - 1] = -1;
        is(place, values);
      }
    }
  }

  @Test
  void randomRowsWithTiesAgreeWithASort() {
    Random random = new Random(5);
    for (int round = 0; round < 2000; round++) {
      float[] values = new float[1 + random.nextInt(200)];
      for (int i = 0; i < values.length; i++) values[i] = random.nextInt(20) - 10;
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      int expected = 0;
      while (values[expected] != sorted[sorted.length - 1]) expected++;
      is(expected, values);
    }
  }

  private void is(int expected, float... values) {
    for (LogitMath math : both)
      assertEquals(
          expected,
          math.argmax(values),
          () -> math.getClass().getSimpleName() + " of " + Arrays.toString(values));
  }
}
