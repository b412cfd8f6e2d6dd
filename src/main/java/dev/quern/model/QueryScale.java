package dev.quern.model;

/**
 * Attention that sharpens with the position p of the query (Llama 4, Ministral 3): q is multiplied
 * by {@code 1 + beta · ln(1 + floor(p / tokens))}.
 */
public record QueryScale(double beta, int tokens) {
  /** The factors of positions 0 to {@code positions - 1}. */
  float[] table(int positions) {
    float[] table = new float[positions];
    for (int p = 0; p < positions; p++) {
      table[p] = (float) (1 + beta * Math.log(1 + p / tokens));
    }
    return table;
  }
}
