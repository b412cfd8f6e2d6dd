package dev.quern.text.jinja;

/** Text being made, within the budget. */
final class Output {
  private final Budget budget;
  private final StringBuilder text = new StringBuilder();

  Output(Budget budget) {
    this.budget = budget;
  }

  Output append(String piece) {
    reserve(piece.length());
    text.append(piece);
    return this;
  }

  Output append(char c) {
    reserve(1);
    text.append(c);
    return this;
  }

  Output append(String source, int from, int to) {
    reserve(to - from);
    text.append(source, from, to);
    return this;
  }

  Output repeat(char c, long count) {
    if (count > 0) {
      reserve(count);
      text.repeat(c, (int) count);
    }
    return this;
  }

  private void reserve(long length) {
    long whole = text.length() + length;
    if (whole > Budget.MAX_TEXT_CHARS) budget.makesText(whole);
    budget.makesText(length);
  }

  Budget budget() {
    return budget;
  }

  int length() {
    return text.length();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
