package dev.quern.backend.cpu;

import dev.quern.backend.Attention;
import dev.quern.backend.Batch;

/**
 * The work of an attention op in tiles of at most {@link VectorAttention#TILE} queries that share
 * keys: rows of one sequence times query heads of one KV head. How the work is cut does not change
 * a result.
 */
final class AttentionTiles {
  private static final int FIELDS = 5;

  /** Sequence, row, rows, head, heads of each tile. */
  private final int[] tiles;

  private final int count;
  private final int usedRows;

  private AttentionTiles(int[] tiles, int count, int usedRows) {
    this.tiles = tiles;
    this.count = count;
    this.usedRows = usedRows;
  }

  static AttentionTiles of(Batch batch, int rows, Attention attention, int workers) {
    int most = (rows / VectorAttention.TILE + batch.sequences) * attention.heads();
    int[] tiles = new int[most * FIELDS];
    int count = 0;
    int used = 0;
    int group = attention.heads() / attention.kvHeads();
    // With few sequences the heads of a group are cut finer, so that every worker has some.
    int pieces = Math.ceilDiv(workers, Math.max(1, batch.sequences * attention.kvHeads()));
    for (int s = 0; s < batch.sequences; s++) {
      int end = Math.min(rows, batch.seqStarts[s + 1]);
      used = Math.max(used, end);
      for (int row = batch.seqStarts[s]; row < end; row += VectorAttention.TILE) {
        int tileRows = Math.min(VectorAttention.TILE, end - row);
        int fit = Math.max(1, VectorAttention.TILE / tileRows);
        int step = Math.min(fit, Math.ceilDiv(group, pieces));
        for (int first = 0; first < attention.heads(); first += group) {
          for (int head = first; head < first + group; head += step) {
            int at = count++ * FIELDS;
            tiles[at] = s;
            tiles[at + 1] = row;
            tiles[at + 2] = tileRows;
            tiles[at + 3] = head;
            tiles[at + 4] = Math.min(step, first + group - head);
          }
        }
      }
    }
    return new AttentionTiles(tiles, count, used);
  }

  int count() {
    return count;
  }

  void run(int tile, VectorAttention rows) {
    int at = tile * FIELDS;
    rows.run(tiles[at], tiles[at + 1], tiles[at + 2], tiles[at + 3], tiles[at + 4]);
  }

  /** Zeroes the rows that belong to no sequence. */
  void clearPadding(CpuTensor y) {
    for (int row = usedRows; row < y.rows(); row++) {
      for (int col = 0; col < y.cols(); col++) {
        y.set(row, col, 0);
      }
    }
  }
}
