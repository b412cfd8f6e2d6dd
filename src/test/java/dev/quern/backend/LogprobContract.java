package dev.quern.backend;

import static dev.quern.backend.OpsFixture.slice;
import static dev.quern.backend.OpsFixture.uniform;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Raw log-probabilities: alternatives, chosen tokens, known targets, whole rows, ranks. */
public interface LogprobContract extends OpsFixture {
  @Test
  default void logprobsAreThoseOfTheRawLogits() {
    int vocabulary = 103;
    int rows = 6;
    float[] values = uniform(rows * vocabulary, 1, 5);
    values[2 * vocabulary + 9] = 6;
    values[2 * vocabulary + 4] = 6; // a tie at the top: the lower id comes first
    Batch batch = batch(rows);
    Sampling sampling = batch.sampling;
    batch.sampledRows = 4;
    batch.logits = rows;
    int[] wanted = {3, 0, 8, -1, 2, -2};
    int[] targets = {-1, -1, -1, -1, 17, 50};
    System.arraycopy(wanted, 0, sampling.logprobs, 0, rows);
    System.arraycopy(targets, 0, sampling.targets, 0, rows);
    backend().upload(batch);
    Tensor logits = constant(rows, vocabulary, values);
    // In two chunks, as prompt logprobs come.
    ops().logprobs(logits.rows(0, 4), batch, 0);
    ops().logprobs(logits.rows(4, 2), batch, 4);
    sampling.banned[0] = new int[] {best(slice(values, 0, vocabulary))};
    backend().upload(batch);
    ops().maskLogits(logits, batch);
    ops().sample(logits, batch);
    ops().chosenLogprobs(batch);
    backend().await(batch);
    for (int row = 0; row < rows; row++) {
      float[] raw = slice(values, row * vocabulary, vocabulary);
      checkTop(raw, sampling, row, wanted[row]);
      if (wanted[row] != -1) {
        int id = targets[row] >= 0 ? targets[row] : sampling.nextTokens[row];
        assertEquals(logprob(raw, id), sampling.chosenLogprob[row], 2e-5, "row " + row);
        int higher = (int) IntStream.range(0, vocabulary).filter(v -> raw[v] > raw[id]).count();
        assertEquals(1 + higher, sampling.chosenRank[row], "row " + row);
      }
    }
    assertEquals(2, sampling.chosenRank[0]);
    assertNull(sampling.allLogprobs[0]);
    for (int v = 0; v < vocabulary; v++) {
      float[] raw = slice(values, 5 * vocabulary, vocabulary);
      assertEquals(logprob(raw, v), sampling.allLogprobs[5][v], 2e-5);
    }
  }

  private static void checkTop(float[] raw, Sampling sampling, int row, int wanted) {
    int[] order =
        IntStream.range(0, raw.length)
            .boxed()
            .sorted(Comparator.comparing((Integer v) -> -raw[v]).thenComparing(v -> v))
            .mapToInt(v -> v)
            .toArray();
    for (int i = 0; i < wanted; i++) {
      int at = row * sampling.maxLogprobs + i;
      assertEquals(order[i], sampling.topIds[at], "row " + row + " place " + i);
      assertEquals(logprob(raw, order[i]), sampling.topLogprobs[at], 2e-5);
    }
  }

  private static int best(float[] raw) {
    return IntStream.range(0, raw.length).reduce((a, b) -> raw[b] > raw[a] ? b : a).orElseThrow();
  }

  private static double logprob(float[] raw, int id) {
    double sum = 0;
    for (float value : raw) {
      sum += Math.exp(value - raw[id]);
    }
    return -Math.log(sum);
  }
}
