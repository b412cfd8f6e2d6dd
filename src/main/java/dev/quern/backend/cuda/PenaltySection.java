package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quern.backend.Sampling;
import java.lang.foreign.MemorySegment;

/**
 * The penalties of a step's rows (struct PenaltyRow of sampling.cu: three penalties, start in the
 * history, prompt length, history length, row of the scratch or -1) and the histories of those that
 * have any, behind each other.
 */
final class PenaltySection {
  static final int ROW_BYTES = 32;

  private UploadBuffer buffer;
  private long rowsAt;
  private long history;

  /** Packs the settings of {@code rows} rows; false where none has any. */
  boolean pack(UploadBuffer into, Sampling s, int rows) {
    buffer = into;
    int penalised = 0;
    int tokens = 0;
    for (int r = 0; r < rows; r++) {
      if (penalised(s, r)) {
        penalised++;
        tokens += s.historyLength[r];
      }
    }
    if (penalised == 0) {
      return false;
    }
    rowsAt = into.section((long) ROW_BYTES * rows);
    history = into.section(4L * tokens);
    MemorySegment b = into.block();
    int start = 0;
    int scratch = 0;
    for (int r = 0; r < rows; r++) {
      long at = rowsAt + (long) ROW_BYTES * r;
      boolean on = penalised(s, r);
      int length = on ? s.historyLength[r] : 0;
      b.set(JAVA_FLOAT, at, s.repetitionPenalty[r]);
      b.set(JAVA_FLOAT, at + 4, s.frequencyPenalty[r]);
      b.set(JAVA_FLOAT, at + 8, s.presencePenalty[r]);
      b.set(JAVA_INT, at + 12, start);
      b.set(JAVA_INT, at + 16, s.promptLength[r]);
      b.set(JAVA_INT, at + 20, length);
      b.set(JAVA_INT, at + 24, on ? scratch++ : -1);
      if (on) {
        MemorySegment.copy(s.history[r], 0, b, JAVA_INT, history + 4L * start, length);
        start += length;
      }
    }
    return true;
  }

  /** A row whose history is not there yet gets its penalties late. */
  private static boolean penalised(Sampling s, int r) {
    return s.history[r] != null
        && (s.repetitionPenalty[r] != 1 || s.frequencyPenalty[r] != 0 || s.presencePenalty[r] != 0);
  }

  long rows() {
    return buffer.device(rowsAt);
  }

  long history() {
    return buffer.device(history);
  }
}
