package dev.quern.backend.cpu;

import dev.quern.backend.Batch;
import java.util.Arrays;

/** Which sequence each row of a batch belongs to. */
final class SequenceOfRow {
  private SequenceOfRow() {}

  /** The sequence of rows 0 … rows-1; -1 for a padded row. */
  static int[] of(Batch batch, int rows) {
    int[] sequences = new int[rows];
    Arrays.fill(sequences, -1);
    for (int s = 0; s < batch.sequences; s++) {
      for (int t = batch.seqStarts[s]; t < Math.min(rows, batch.seqStarts[s + 1]); t++) {
        sequences[t] = s;
      }
    }
    return sequences;
  }
}
