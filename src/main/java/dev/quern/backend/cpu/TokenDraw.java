package dev.quern.backend.cpu;

/**
 * Draws one token from a row of logits: temperature, min_p, top_k, top_p, then the inverse of the
 * cumulative distribution of what is kept. The filters are vLLM's: min_p keeps what has at least
 * that share of the best probability; top_k keeps the k highest and all that tie with the last;
 * top_p keeps the fewest of the highest whose probabilities, among those left, sum to p. Equal
 * logits are ordered by lower id.
 *
 * <p>Candidates come out of a heap one by one, so that a row costs one pass over the vocabulary
 * plus what is kept.
 */
final class TokenDraw {
  private final LogitMath math;
  private final float[] values;
  private final float[] weights;
  private final int[] heap;
  private int size;

  TokenDraw(int vocabulary, LogitMath math) {
    this.math = math;
    values = new float[vocabulary];
    weights = new float[vocabulary];
    heap = new int[vocabulary];
  }

  int vocabulary() {
    return values.length;
  }

  /** The row to draw from: filled by the caller, used up by the draw. */
  float[] values() {
    return values;
  }

  int draw(float temperature, int topK, float topP, float minP, double uniform) {
    int best = math.argmax(values);
    float max = values[best];
    if (!(Math.abs(max) < Float.POSITIVE_INFINITY)) {
      return best; // all is masked, or a logit is infinite or NaN: nothing to draw from
    }
    double total = weigh(temperature, max, minP);
    boolean limitK = topK > 0 && topK < values.length;
    boolean limitP = topP < 1;
    if (!limitK && !limitP) {
      return walkIds(uniform * total, best);
    }
    int kept;
    if (limitK) {
      collect(0);
      kept = popTop(topK);
      total = 0;
      for (int i = 0; i < kept; i++) {
        total += weights[sorted(i)];
      }
      if (limitP) {
        kept = nucleus(kept, topP * total);
        total = keptWeight;
      }
    } else {
      // What weighs less than this cannot be needed to reach p, all of it together.
      collect((1 - topP) * total / values.length);
      kept = popUntil(topP * total);
      total = keptWeight;
    }
    return walkSorted(kept, uniform * total);
  }

  /** Unnormalised probabilities, zero where min_p drops them; their sum. */
  private double weigh(float temperature, float max, float minP) {
    math.exp(values, max, temperature, weights);
    double total = 0;
    for (int v = 0; v < weights.length; v++) {
      if (!(weights[v] >= minP)) {
        weights[v] = 0;
      }
      total += weights[v];
    }
    return total;
  }

  private int walkIds(double target, int fallback) {
    double sum = 0;
    int last = fallback;
    for (int v = 0; v < weights.length; v++) {
      if (weights[v] > 0) {
        sum += weights[v];
        last = v;
        if (sum > target) {
          return v;
        }
      }
    }
    return last;
  }

  private int walkSorted(int kept, double target) {
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      sum += weights[sorted(i)];
      if (sum > target) {
        return sorted(i);
      }
    }
    return sorted(kept - 1);
  }

  /** Heaps the ids that weigh more than {@code least}. */
  private void collect(double least) {
    size = 0;
    popped = 0;
    for (int v = 0; v < values.length; v++) {
      if (weights[v] > least) {
        heap[size++] = v;
      }
    }
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i);
    }
  }

  /** Popped ids lie behind the heap, the first at the end. */
  private int popped;

  private double keptWeight;

  private int sorted(int i) {
    return heap[size + popped - 1 - i];
  }

  private int popTop(int count) {
    while (size > 0 && (popped < count || values[heap[0]] == values[sorted(popped - 1)])) {
      pop();
    }
    return popped;
  }

  private int popUntil(double target) {
    keptWeight = 0;
    do {
      pop();
      keptWeight += weights[sorted(popped - 1)];
    } while (size > 0 && keptWeight < target);
    return popped;
  }

  private int nucleus(int kept, double target) {
    keptWeight = 0;
    int count = 0;
    do {
      keptWeight += weights[sorted(count++)];
    } while (count < kept && keptWeight < target);
    return count;
  }

  private void pop() {
    int top = heap[0];
    heap[0] = heap[--size];
    heap[size] = top;
    popped++;
    sink(0);
  }

  private void sink(int at) {
    int id = heap[at];
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], id)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    if (size > 0) {
      heap[at] = id;
    }
  }

  private boolean before(int a, int b) {
    return values[a] > values[b] || (values[a] == values[b] && a < b);
  }
}
