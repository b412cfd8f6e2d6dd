package dev.quern.engine;

import dev.quern.backend.KvLayout;
import java.util.Locale;

/**
 * How many KV blocks fit in the memory there is: arithmetic over the layout, no trial run.
 *
 * @param blocks blocks of the cache
 * @param maxModelLen longest sequence in tokens
 * @param kvBytes what the blocks take
 */
public record KvPlan(int blocks, int maxModelLen, long kvBytes) {
  /**
   * As many blocks as fit, and no more than all sequences at their longest can use.
   *
   * @param kvBytes memory that may go to the cache
   * @param maxModelLen longest sequence in tokens
   * @param maxNumSeqs most sequences at once
   * @throws IllegalArgumentException when not even one sequence of {@code maxModelLen} fits; the
   *     message says what is needed, what is there and what to lower
   */
  public static KvPlan fit(KvLayout layout, long kvBytes, int maxModelLen, int maxNumSeqs) {
    long perSequence = blocksFor(layout, maxModelLen);
    long blocks = Math.min(fitting(layout, kvBytes), perSequence * maxNumSeqs);
    if (blocks < perSequence) throw tooSmall(layout, kvBytes, maxModelLen, perSequence);
    return of(layout, blocks, maxModelLen);
  }

  /**
   * The longest sequence that fits, up to the model's own limit: {@code --max-model-len auto}.
   *
   * @param contextTokens the model's own limit
   */
  public static KvPlan fitLongest(
      KvLayout layout, long kvBytes, int contextTokens, int maxNumSeqs) {
    long blocks = fitting(layout, kvBytes);
    long tokens = Math.min(contextTokens, blocks * layout.blockTokens());
    if (tokens < 2) throw tooSmall(layout, kvBytes, contextTokens, 1);
    return fit(layout, kvBytes, (int) tokens, maxNumSeqs);
  }

  private static KvPlan of(KvLayout layout, long blocks, int maxModelLen) {
    // Slots are ints.
    long most = Integer.MAX_VALUE / layout.blockTokens();
    int count = (int) Math.min(blocks, most);
    return new KvPlan(count, maxModelLen, count * layout.blockBytes());
  }

  private static long fitting(KvLayout layout, long kvBytes) {
    return Math.max(0, kvBytes) / layout.blockBytes();
  }

  private static long blocksFor(KvLayout layout, int tokens) {
    return (tokens + (long) layout.blockTokens() - 1) / layout.blockTokens();
  }

  private static IllegalArgumentException tooSmall(
      KvLayout layout, long kvBytes, int maxModelLen, long blocks) {
    long longest = fitting(layout, kvBytes) * layout.blockTokens();
    return new IllegalArgumentException(
        "one sequence of max_model_len "
            + maxModelLen
            + " tokens needs "
            + size(blocks * layout.blockBytes())
            + " of KV cache and "
            + size(Math.max(0, kvBytes))
            + " are there for it; "
            + (longest > 1 ? "the longest that fits is " + longest + " tokens: " : "")
            + "lower --max-model-len (or set it to auto), or raise --gpu-memory-utilization or"
            + " --kv-cache-memory-bytes");
  }

  private static String size(long bytes) {
    boolean large = bytes >= 1 << 30;
    double value = bytes / (double) (large ? 1 << 30 : 1 << 20);
    return String.format(Locale.ROOT, large ? "%.2f GiB" : "%.2f MiB", value);
  }
}
