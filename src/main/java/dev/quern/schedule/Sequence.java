package dev.quern.schedule;

import java.util.Arrays;

/**
 * One prompt and the output that grows from it.
 *
 * <p>Its tokens are counted by how far they have come: {@code computed ≤ planned ≤ known +
 * pending}.
 *
 * <ul>
 *   <li>known: the ids are here, prompt and output;
 *   <li>pending: sampled by a step that has not landed yet (0 or 1 now; several with speculation);
 *   <li>planned: their keys and values are stored by a step that has landed or is in flight;
 *   <li>computed: by one that has landed.
 * </ul>
 *
 * Only {@link Scheduler} changes it.
 */
public final class Sequence {
  /** Why a sequence ended. */
  public enum End {
    /** The model's own end. */
    EOS,
    /** A stop id. */
    STOP_ID,
    LENGTH,
    /** Ended from outside: cancelled, or by a stop string. */
    FINISHED
  }

  private static final int[] NO_BLOCKS = {};

  private final Object owner;
  private final int promptLength;
  private final byte[] salt;
  private final boolean promptLogprobs;
  final StopRules rules;

  /** Known and pending tokens never exceed it. */
  final int maxLength;

  private int[] tokens;
  private int known;
  int pending;
  int planned;
  int computed;

  /** Steps not landed that feed a token of this sequence. */
  int inFlightSteps;

  /** The step that samples the pending token, and its place among that step's sampled rows. */
  int pendingRow = -1;

  private int[] blocks = NO_BLOCKS;
  private int blockCount;

  /** Full blocks from the front that are entered in the prefix index or were found there. */
  int indexedBlocks;

  /** 128-bit hash of each full block and all before it, as far as computed. */
  private long[] hashes = {};

  private int hashedBlocks;

  int nextPromptLogprob;
  boolean wasAdmitted;
  private int cachedTokens;
  private End end;

  /**
   * @param owner whoever finds the way back from here; the scheduler does not look at it
   * @param prompt at least one id; copied
   * @param maxLength longest sequence of the model in tokens
   * @param salt keeps blocks apart from those of other salts, or null
   * @param promptLogprobs every prompt position's logits are wanted, so no prefix is read
   */
  public Sequence(
      Object owner,
      int[] prompt,
      StopRules rules,
      int maxLength,
      byte[] salt,
      boolean promptLogprobs) {
    if (prompt.length == 0 || prompt.length >= maxLength)
      throw new IllegalArgumentException(
          "a prompt of " + prompt.length + " tokens leaves no room in " + maxLength);
    this.owner = owner;
    this.promptLength = prompt.length;
    this.known = prompt.length;
    this.rules = rules;
    this.maxLength = (int) Math.min(maxLength, (long) prompt.length + rules.maxTokens());
    this.salt = salt;
    this.promptLogprobs = promptLogprobs;
    this.tokens = Arrays.copyOf(prompt, Math.min(this.maxLength, prompt.length + 64));
  }

  public Object owner() {
    return owner;
  }

  public int promptLength() {
    return promptLength;
  }

  /** Tokens whose ids are known: prompt and output. */
  public int known() {
    return known;
  }

  public int computed() {
    return computed;
  }

  /** The ids, of which the first {@link #known} count; replaced when it grows. */
  public int[] tokens() {
    return tokens;
  }

  /** The block table, of which the first {@link #blockCount} count. */
  public int[] blocks() {
    return blocks;
  }

  public int blockCount() {
    return blockCount;
  }

  /** Prompt tokens found in the prefix cache when it was first admitted. */
  public int cachedTokens() {
    return cachedTokens;
  }

  /** Why it ended, or null while it has not. */
  public End end() {
    return end;
  }

  boolean wantsPromptLogprobs() {
    return promptLogprobs;
  }

  /** Tokens that a step could feed now: none where the length will end it. */
  int ready() {
    int length = known + pending;
    return length >= maxLength ? 0 : length - planned;
  }

  void end(End reason) {
    end = reason;
  }

  void admitted(int hitTokens) {
    planned = hitTokens;
    computed = hitTokens;
    if (wasAdmitted) return;
    wasAdmitted = true;
    cachedTokens = hitTokens;
  }

  /** Takes an output token and gives what it means; null to go on. */
  End append(int token) {
    if (known == tokens.length)
      tokens = Arrays.copyOf(tokens, (int) Math.min(maxLength, known + (known >> 1) + 16L));
    tokens[known++] = token;
    End reason = rules.check(token, known - promptLength);
    return reason == null && known >= maxLength ? End.LENGTH : reason;
  }

  void addBlock(int block) {
    if (blockCount == blocks.length) blocks = Arrays.copyOf(blocks, Math.max(8, blockCount * 2));
    blocks[blockCount++] = block;
  }

  /** Forgets blocks and computed tokens; ids and hashes stay. */
  void reset() {
    blockCount = 0;
    indexedBlocks = 0;
    planned = 0;
    computed = 0;
    pendingRow = -1;
  }

  /** Low half of block {@code i}'s hash; {@link #hashTo} must have reached it. */
  long hashLow(int i) {
    return hashes[2 * i];
  }

  long hashHigh(int i) {
    return hashes[2 * i + 1];
  }

  /** Hashes the full known blocks up to {@code count} of them. */
  void hashTo(int count, BlockHash hash, int blockTokens) {
    if (hashes.length < 2 * count) hashes = Arrays.copyOf(hashes, Math.max(16, 4 * count));
    for (; hashedBlocks < count; hashedBlocks++)
      hash.next(hashes, hashedBlocks, tokens, hashedBlocks * blockTokens, blockTokens, salt);
  }
}
