package dev.quern.backend;

import static dev.quern.backend.OpsFixture.slice;
import static dev.quern.backend.OpsFixture.uniform;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Masks, penalties, filters and draws, against their literal definitions. */
public interface SamplingContract extends OpsFixture {
  @Test
  default void masksAndBiasAreApplied() {
    int vocabulary = 130;
    float[] values = uniform(2 * vocabulary, 1, 3);
    Batch batch = sampled(2);
    batch.sampling.allowed[0] = BitSet.valueOf(new long[] {0b1011L, 0, 1L}).toLongArray();
    batch.sampling.banned[0] = new int[] {3, 50};
    batch.sampling.biasIds[0] = new int[] {1, 128, 5};
    batch.sampling.biasValues[0] = new float[] {2, -3, 100};
    backend().upload(batch);
    Tensor logits = constant(2, vocabulary, values);
    ops().maskLogits(logits, batch);
    float[] out = backend().download(logits);
    for (int v = 0; v < vocabulary; v++) {
      float expected =
          switch (v) {
            case 0 -> values[0];
            case 1 -> values[1] + 2;
            case 128 -> values[128] - 3;
            default -> Float.NEGATIVE_INFINITY;
          };
      assertEquals(expected, out[v], "id " + v);
      assertEquals(values[vocabulary + v], out[vocabulary + v], "other row, id " + v);
    }
  }

  @Test
  default void penaltiesAreApplied() {
    int vocabulary = 20;
    float[] values = uniform(3 * vocabulary, 1, 3);
    Batch batch = sampled(3);
    Sampling sampling = batch.sampling;
    int[] history = {1, 2, 2, 7, 2, 3, 3, 3, 9, 15};
    float[][] penalties = {{1.3f, 0, 0}, {0.8f, 0.5f, 0.25f}, {1, 0, 0}};
    for (int row = 0; row < 3; row++) {
      sampling.history[row] = history;
      sampling.historyLength[row] = 9;
      sampling.promptLength[row] = 4;
      sampling.repetitionPenalty[row] = penalties[row][0];
      sampling.frequencyPenalty[row] = penalties[row][1];
      sampling.presencePenalty[row] = penalties[row][2];
    }
    backend().upload(batch);
    Tensor logits = constant(3, vocabulary, values);
    ops().applyPenalties(logits, batch);
    float[] out = backend().download(logits);
    for (int row = 0; row < 3; row++) {
      for (int v = 0; v < vocabulary; v++) {
        int id = v;
        double expected = values[row * vocabulary + v];
        long seen = Arrays.stream(history, 0, 9).filter(h -> h == id).count();
        long generated = Arrays.stream(history, 4, 9).filter(h -> h == id).count();
        if (seen > 0) {
          expected = expected > 0 ? expected / penalties[row][0] : expected * penalties[row][0];
        }
        expected -= penalties[row][1] * generated + (generated > 0 ? penalties[row][2] : 0);
        assertEquals(expected, out[row * vocabulary + v], 1e-5, "row " + row + " id " + v);
      }
    }
  }

  @Test
  default void greedyTakesTheLowestIdOfTheHighestLogit() {
    for (int vocabulary : new int[] {1, 5, 16, 33, 1000}) {
      float[] values = uniform(2 * vocabulary, vocabulary, 3);
      int last = vocabulary - 1;
      values[last] = 10;
      values[vocabulary / 2] = 10;
      values[vocabulary + last] = 10;
      Batch batch = sampled(2);
      batch.sampling.temperature[0] = 0;
      batch.sampling.temperature[1] = 9e-6f;
      backend().upload(batch);
      ops().sample(constant(2, vocabulary, values), batch);
      backend().await(batch);
      assertEquals(vocabulary / 2, batch.sampling.nextTokens[0]);
      assertEquals(last, batch.sampling.nextTokens[1]);
    }
  }

  @Test
  default void drawsFollowTheFilteredDistribution() {
    float[][] settings = {
      // temperature, top_k, top_p, min_p
      {1, 0, 1, 0}, {0.5f, 0, 1, 0}, {1.7f, 5, 1, 0}, {1, 0, 0.7f, 0}, {1, 0, 1, 0.2f},
      {0.8f, 7, 0.9f, 0.05f}, {1, 1, 1, 0}, {1, 0, 1e-6f, 0}, {1, 0, 1, 1}, {2, 100, 0.999f, 0}
    };
    float[] row = uniform(40, 3, 3);
    row[11] = row[30]; // equal logits
    for (float[] s : settings) {
      double[] expected = filtered(row, s[0], (int) s[1], s[2], s[3]);
      int[] counts = draw(row, s, 20_000);
      double chiSquare = 0;
      int kept = 0;
      for (int v = 0; v < row.length; v++) {
        if (expected[v] == 0) {
          assertEquals(0, counts[v], Arrays.toString(s) + " must not draw " + v);
        } else {
          kept++;
          double mean = expected[v] * 20_000;
          chiSquare += (counts[v] - mean) * (counts[v] - mean) / mean;
        }
      }
      int freedom = kept - 1;
      double limit = freedom + 5 * Math.sqrt(2.0 * freedom) + 1e-9;
      assertTrue(chiSquare <= limit, Arrays.toString(s) + ": chi-square " + chiSquare);
    }
  }

  private int[] draw(float[] row, float[] setting, int draws) {
    int rows = 200;
    int[] counts = new int[row.length];
    float[] values = new float[rows * row.length];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(row, 0, values, r * row.length, row.length);
    }
    Tensor logits = constant(rows, row.length, values);
    for (int done = 0; done < draws; done += rows) {
      Batch batch = sampled(rows);
      Sampling sampling = batch.sampling;
      Arrays.fill(sampling.temperature, setting[0]);
      Arrays.fill(sampling.topK, (int) setting[1]);
      Arrays.fill(sampling.topP, setting[2]);
      Arrays.fill(sampling.minP, setting[3]);
      for (int r = 0; r < rows; r++) {
        sampling.seed[r] = r;
        sampling.outputIndex[r] = done / rows;
      }
      backend().upload(batch);
      ops().sample(logits, batch);
      backend().await(batch);
      for (int r = 0; r < rows; r++) {
        counts[sampling.nextTokens[r]]++;
      }
    }
    return counts;
  }

  /** The literal definition: temperature, min_p, top_k with ties, top_p; then normalised. */
  private static double[] filtered(
      float[] row, float temperature, int topK, float topP, float minP) {
    int size = row.length;
    double[] p = new double[size];
    double max = IntStream.range(0, size).mapToDouble(v -> row[v]).max().orElseThrow();
    for (int v = 0; v < size; v++) {
      p[v] = Math.exp((row[v] - max) / temperature);
      p[v] = p[v] < minP ? 0 : p[v];
    }
    int[] order =
        IntStream.range(0, size)
            .boxed()
            .sorted(Comparator.comparing((Integer v) -> -p[v]).thenComparing(v -> v))
            .mapToInt(v -> v)
            .toArray();
    if (topK > 0 && topK < size) {
      double least = p[order[topK - 1]];
      for (int v = 0; v < size; v++) {
        p[v] = p[v] < least ? 0 : p[v];
      }
    }
    normalise(p);
    double sum = 0;
    for (int v : order) {
      double share = p[v];
      p[v] = sum >= topP ? 0 : p[v];
      sum += share;
    }
    normalise(p);
    return p;
  }

  private static void normalise(double[] p) {
    double total = Arrays.stream(p).sum();
    for (int v = 0; v < p.length; v++) {
      p[v] /= total;
    }
  }

  @Test
  default void aDrawDependsOnItsSeedAndIndexAlone() {
    int vocabulary = 500;
    int rows = 7;
    float[] values = uniform(rows * vocabulary, 1, 2);
    Batch together = sampled(rows);
    for (int r = 0; r < rows; r++) {
      together.sampling.seed[r] = 99 - r;
      together.sampling.outputIndex[r] = r * 3;
      together.sampling.topP[r] = r % 2 == 0 ? 1 : 0.9f;
    }
    backend().upload(together);
    ops().sample(constant(rows, vocabulary, values), together);
    backend().await(together);
    int[] alone = new int[rows];
    for (int r = 0; r < rows; r++) {
      Batch batch = sampled(1);
      batch.sampling.seed[0] = 99 - r;
      batch.sampling.outputIndex[0] = r * 3;
      batch.sampling.topP[0] = r % 2 == 0 ? 1 : 0.9f;
      backend().upload(batch);
      ops().sample(constant(1, vocabulary, slice(values, r * vocabulary, vocabulary)), batch);
      backend().await(batch);
      alone[r] = batch.sampling.nextTokens[0];
    }
    assertArrayEquals(alone, Arrays.copyOf(together.sampling.nextTokens, rows));
  }

  @Test
  default void maskedRowsNeverDrawWhatIsMasked() {
    int vocabulary = 64;
    float[] values = new float[vocabulary];
    Arrays.fill(values, Float.NEGATIVE_INFINITY);
    values[40] = -1e30f;
    for (float[] s :
        new float[][] {{1, 0, 1, 0}, {1, 3, 1, 0}, {1, 0, 0.5f, 0}, {2, 3, 0.5f, 0.1f}}) {
      assertEquals(200, draw(values, s, 200)[40]);
    }
  }
}
