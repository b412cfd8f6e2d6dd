package dev.quern.backend.cpu;

import dev.quern.backend.Attention;
import dev.quern.backend.Batch;

/**
 * Attention of one row and head over the paged keys of its sequence.
 *
 * <p>Positions are taken in blocks of 32 from position 0 on, whatever the size of a KV block, with
 * an online softmax: the running maximum, the weights' sum as 32 partial sums by position mod 32,
 * and the weighted values. A block's result depends on the row's position alone, so chunks, batches
 * and block tables do not change a bit of it.
 */
final class ScalarAttention {
  /** Positions of a block of the online softmax. */
  static final int BLOCK = 32;

  private final CpuTensor y;
  private final CpuTensor x;
  private final CpuKvCache kv;
  private final int layer;
  private final Attention attention;
  private final Batch batch;
  private final int dim;
  private final float[] scores = new float[BLOCK];
  private final float[] weightSums = new float[BLOCK];
  private final float[] sums;
  private final float[] query;

  ScalarAttention(
      CpuTensor y, CpuTensor x, CpuKvCache kv, int layer, Attention attention, Batch batch) {
    this.y = y;
    this.x = x;
    this.kv = kv;
    this.layer = layer;
    this.attention = attention;
    this.batch = batch;
    dim = attention.headDim();
    sums = new float[dim];
    query = new float[dim];
  }

  void run(int row, int head, int sequence) {
    java.util.Arrays.fill(sums, 0);
    java.util.Arrays.fill(weightSums, 0);
    if (sequence >= 0) {
      for (int d = 0; d < dim; d++) {
        query[d] = x.get(row, head * dim + d);
      }
      softmax(batch.positions[row], head, sequence);
    }
    float total = 0;
    for (float sum : weightSums) {
      total += sum;
    }
    for (int d = 0; d < dim; d++) {
      y.set(row, head * dim + d, total == 0 ? 0 : sums[d] / total);
    }
  }

  /** The first position that a query at {@code position} sees. */
  static int firstSeen(Attention attention, int position) {
    return attention.window() == 0 ? 0 : Math.max(0, position - attention.window() + 1);
  }

  private void softmax(int position, int head, int sequence) {
    int first = firstSeen(attention, position);
    int kvHead = head / (attention.heads() / attention.kvHeads());
    float max = Float.NEGATIVE_INFINITY;
    for (int start = first / BLOCK * BLOCK; start <= position; start += BLOCK) {
      int from = Math.max(first, start);
      int to = Math.min(position, start + BLOCK - 1);
      float blockMax = max;
      for (int p = from; p <= to; p++) {
        scores[p - start] = score(p, position, head, kvHead, sequence);
        blockMax = Math.max(blockMax, scores[p - start]);
      }
      float shrink = (float) Math.exp(max - blockMax);
      max = blockMax;
      for (int d = 0; d < dim; d++) {
        sums[d] *= shrink;
      }
      for (int i = 0; i < BLOCK; i++) {
        weightSums[i] *= shrink;
      }
      for (int p = from; p <= to; p++) {
        float weight = (float) Math.exp(scores[p - start] - max);
        weightSums[p - start] += weight;
        long value = kv.values(block(sequence, p), layer, kvHead) + (long) placeInBlock(p) * dim;
        for (int d = 0; d < dim; d++) {
          sums[d] = Math.fma(weight, kv.get(value + d), sums[d]);
        }
      }
    }
  }

  private float score(int keyPosition, int position, int head, int kvHead, int sequence) {
    int tokens = kv.layout().blockTokens();
    long key = kv.keys(block(sequence, keyPosition), layer, kvHead) + placeInBlock(keyPosition);
    float dot = 0;
    for (int d = 0; d < dim; d++) {
      dot = Math.fma(query[d], kv.get(key + (long) d * tokens), dot);
    }
    float score = dot * attention.scale();
    if (attention.softcap() > 0) {
      score = attention.softcap() * (float) Math.tanh(score / attention.softcap());
    }
    if (attention.alibiSlopes() != null) {
      float slope = ((CpuTensor) attention.alibiSlopes()).get(0, head);
      score = Math.fma(slope, keyPosition - position, score);
    }
    return score;
  }

  private int block(int sequence, int position) {
    int index = position / kv.layout().blockTokens();
    return batch.blockTables[sequence * batch.limits.maxBlocks() + index];
  }

  private int placeInBlock(int position) {
    return position % kv.layout().blockTokens();
  }
}
