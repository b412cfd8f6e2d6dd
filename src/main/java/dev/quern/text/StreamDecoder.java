package dev.quern.text;

import java.util.Arrays;

/**
 * Turns generated ids into text one by one, never giving out half a character.
 *
 * <p>One id is seldom one piece of text: a character may span several ids, and decoders join words
 * by looking at the neighbours. So each push decodes a short window of ids again and gives out what
 * is new. {@code ids[0, read)} is context whose text is known, {@code ids[read, count)} is pending;
 * text that ends with U+FFFD may be an unfinished character and waits for the next id.
 *
 * <p>Invariant: the first {@code emitted} characters of the window's text have been given out. The
 * pushes and {@link #finish} together give the text that decoding all ids at once gives. Source:
 * the prefix and read offsets of Hugging Face's text-generation-inference.
 */
public final class StreamDecoder {
  private static final char REPLACEMENT = '\uFFFD';

  /** Ids of the prompt's end that serve as context. */
  private static final int PRIMING_IDS = 5;

  /**
   * No character needs more pending ids than it has bytes, 4; a longer wait is a run of bytes that
   * never becomes text.
   */
  private static final int MAX_PENDING_IDS = 16;

  private static final int KEPT_IDS = 8;

  private final Tokenizer tokenizer;
  private final boolean skipSpecialTokens;
  private final boolean spacesBetweenSpecialTokens;
  private int[] ids = new int[MAX_PENDING_IDS * 2];
  private int read;
  private int count;
  private int emitted;
  private boolean lastWasAdded;

  /**
   * @param promptIds the ids before the first pushed one, of which the last few serve as context;
   *     may be empty
   * @param skipSpecialTokens leaves special tokens out of the text
   * @param spacesBetweenSpecialTokens where special tokens are kept: whether two in a row keep the
   *     decoder's space between them
   */
  public StreamDecoder(
      Tokenizer tokenizer,
      int[] promptIds,
      boolean skipSpecialTokens,
      boolean spacesBetweenSpecialTokens) {
    this.tokenizer = tokenizer;
    this.skipSpecialTokens = skipSpecialTokens;
    this.spacesBetweenSpecialTokens = skipSpecialTokens || spacesBetweenSpecialTokens;
    for (int i = Math.max(0, promptIds.length - PRIMING_IDS); i < promptIds.length; i++) {
      if (!skipped(promptIds[i])) ids[count++] = promptIds[i];
    }
    read = count;
    emitted = window().length();
  }

  /** Takes the next id and gives the text that is certain now, often empty. */
  public String push(int id) {
    if (skipped(id)) return "";
    boolean isAdded = tokenizer.isAdded(id);
    boolean bare = !spacesBetweenSpecialTokens && isAdded && lastWasAdded;
    lastWasAdded = isAdded;
    if (count == ids.length) ids = Arrays.copyOf(ids, count * 2);
    ids[count++] = id;
    String text = window();
    if (text.length() > emitted && text.charAt(text.length() - 1) != REPLACEMENT) {
      String fresh = text.substring(emitted);
      slide();
      return bare ? tokenizer.token(id) : fresh;
    }
    return count - read > MAX_PENDING_IDS ? giveUpWaiting(text) : "";
  }

  /** The text still held back; the decoder takes no more ids afterwards. */
  public String finish() {
    String text = window();
    String rest = text.length() > emitted ? text.substring(emitted) : "";
    emitted = text.length();
    return rest;
  }

  private boolean skipped(int id) {
    return skipSpecialTokens && tokenizer.isSpecial(id);
  }

  private String window() {
    return tokenizer.decode(ids, 0, count, skipSpecialTokens);
  }

  /** Pending ids become the context. */
  private void slide() {
    count -= read;
    System.arraycopy(ids, read, ids, 0, count);
    read = count;
    emitted = window().length();
  }

  /**
   * Gives out a run of broken bytes except its end, which may still be the start of a character,
   * and shortens the window.
   */
  private String giveUpWaiting(String text) {
    int safe = text.length();
    while (safe > emitted && text.length() - safe < 4 && text.charAt(safe - 1) == REPLACEMENT)
      safe--;
    int held = text.length() - safe;
    String fresh = safe > emitted ? text.substring(emitted, safe) : "";
    System.arraycopy(ids, count - KEPT_IDS, ids, 0, KEPT_IDS);
    count = KEPT_IDS;
    read = 0;
    emitted = Math.max(0, window().length() - held);
    return fresh;
  }
}
