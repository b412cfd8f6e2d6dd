package dev.quern.text.jinja;

/**
 * What one rendering may use. A template comes with a model, and a chat from anyone: neither may
 * hang the server, fill its memory or run out of stack.
 *
 * <p>Every evaluated node costs a step, and so does every 256 characters that an operation reads or
 * makes; all text made is counted, as all of it could be kept alive in variables.
 */
final class Budget {
  static final int MAX_STEPS = 2_000_000;
  static final int MAX_DEPTH = 500;
  static final int MAX_TEXT_CHARS = 16 << 20;
  static final long MAX_TOTAL_CHARS = 128L << 20;
  static final int MAX_RANGE = 100_000;

  private static final int CHARS_A_STEP = 256;
  private static final int CHARS_AN_ITEM = 16;

  private long steps = MAX_STEPS;
  private long chars = MAX_TOTAL_CHARS;
  private int depth;

  void step() {
    steps(1);
  }

  void steps(long count) {
    steps -= count;
    if (steps < 0)
      throw new TemplateException("the template takes more than " + MAX_STEPS + " steps");
  }

  /** An operation looks through a value: text costs by its length. */
  void looksAt(Object value) {
    if (value instanceof CharSequence text) steps(text.length() / CHARS_A_STEP);
  }

  /** Text of this length is about to be made. */
  void makesText(long length) {
    if (length > MAX_TEXT_CHARS)
      throw new TemplateException(
          "the template makes a text of more than " + MAX_TEXT_CHARS + " characters");
    makes(length);
  }

  /** A list of this length is about to be made. */
  void makesItems(long count) {
    steps(count / 8);
    makes(count * CHARS_AN_ITEM);
  }

  private void makes(long length) {
    steps(length / CHARS_A_STEP);
    chars -= length;
    if (chars < 0)
      throw new TemplateException(
          "the template makes more than " + MAX_TOTAL_CHARS + " characters in all");
  }

  /** One level down in expressions, bodies, macro calls or nested values. */
  void enter() {
    if (++depth > MAX_DEPTH)
      throw new TemplateException("the template nests deeper than " + MAX_DEPTH + " levels");
  }

  void leave() {
    depth--;
  }
}
