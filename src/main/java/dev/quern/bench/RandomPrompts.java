package dev.quern.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Prompts of random ids, the same for the same seed. */
final class RandomPrompts {
  private RandomPrompts() {}

  static List<int[]> of(int count, int tokens, int vocabularySize, long seed) {
    Random random = new Random(seed);
    List<int[]> prompts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int[] prompt = new int[tokens];
      for (int k = 0; k < tokens; k++) prompt[k] = random.nextInt(vocabularySize);
      prompts.add(prompt);
    }
    return prompts;
  }
}
