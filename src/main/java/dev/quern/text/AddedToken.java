package dev.quern.text;

/**
 * A token that is found in text before the vocabulary is asked.
 *
 * @param id -1 where the files give none
 * @param normalized found in the normalised text, not in the text as written
 */
record AddedToken(
    int id,
    String text,
    boolean special,
    boolean singleWord,
    boolean stripsLeft,
    boolean stripsRight,
    boolean normalized) {

  static AddedToken special(int id, String text) {
    return new AddedToken(id, text, true, false, false, false, false);
  }
}
