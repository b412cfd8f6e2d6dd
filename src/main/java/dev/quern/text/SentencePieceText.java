package dev.quern.text;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Text as a SentencePiece model sees it: characters replaced by the charsmap, extra blanks removed,
 * a blank put in front, blanks written as {@code ▁}.
 *
 * <p>This is done here and not by the tokenizers library's own normalisers because those go by
 * grapheme (so that a half-width kana with its voice mark loses the mark), put no blank before a
 * text that starts with one, and treat the text on both sides of a user-defined symbol apart. The
 * special tokens written in a text stay as they are and the text between them is treated by itself;
 * the blank in front comes before the first of these texts only, where it starts the whole, or
 * before each of them, where the tokenizer says {@code legacy}. Source: SentencePiece's normalizer,
 * Normalize and NormalizePrefix.
 */
final class SentencePieceText implements UnaryOperator<String> {
  static final char SPACE = '▁';

  /** Where a blank is put in front. */
  enum Prefix {
    NEVER,
    FIRST,
    ALWAYS
  }

  /** How a special token treats the blanks beside it. */
  record Sides(boolean stripsLeft, boolean stripsRight) {}

  private final Charsmap charsmap;
  private final Prefix prefix;
  private final boolean removeExtraSpaces;
  private final char space;
  private final TokenFinder userDefined;
  private final TokenFinder special;
  private final Map<String, Sides> sides;

  /**
   * @param charsmap null for none
   * @param userDefined symbols that the charsmap leaves alone
   * @param special tokens that cut the text, with what they do to the blanks beside them
   */
  SentencePieceText(
      Charsmap charsmap,
      Prefix prefix,
      boolean removeExtraSpaces,
      boolean escapeSpaces,
      Set<String> userDefined,
      Map<String, Sides> special) {
    this.charsmap = charsmap;
    this.prefix = prefix;
    this.removeExtraSpaces = removeExtraSpaces;
    this.space = escapeSpaces ? SPACE : ' ';
    this.userDefined = new TokenFinder(userDefined);
    this.special = new TokenFinder(special.keySet());
    this.sides = special;
  }

  @Override
  public String apply(String text) {
    StringBuilder out = new StringBuilder(text.length() + 8);
    int start = 0;
    boolean stripLeft = false;
    for (int i = 0; i < text.length(); ) {
      String token = special.at(text, i);
      if (token == null) {
        i++;
        continue;
      }
      Sides side = sides.get(token);
      String before = text.substring(start, i);
      if (side.stripsLeft()) before = before.stripTrailing();
      segment(stripLeft ? before.stripLeading() : before, start == 0, out);
      out.append(token);
      i += token.length();
      start = i;
      stripLeft = side.stripsRight();
    }
    String rest = text.substring(start);
    segment(stripLeft ? rest.stripLeading() : rest, start == 0, out);
    return out.toString();
  }

  private void segment(String text, boolean first, StringBuilder out) {
    int begin = out.length();
    boolean wantsPrefix = prefix == Prefix.ALWAYS || prefix == Prefix.FIRST && first;
    if (charsmap == null && !removeExtraSpaces) {
      if (wantsPrefix && !text.isEmpty()) out.append(space);
      out.append(text.replace(' ', space));
      return;
    }
    boolean afterSpace = removeExtraSpaces;
    boolean leading = removeExtraSpaces;
    Cursor cursor = new Cursor(text);
    while (cursor.advance()) {
      String piece = cursor.piece;
      if (leading && piece.equals(" ")) continue;
      if (leading || out.length() == begin && wantsPrefix) {
        leading = false;
        if (wantsPrefix) out.append(space);
        wantsPrefix = false;
      }
      int from = 0;
      while (afterSpace && from < piece.length() && piece.charAt(from) == ' ') from++;
      if (from < piece.length()) {
        for (int i = from; i < piece.length(); i++) {
          char c = piece.charAt(i);
          out.append(c == ' ' ? space : c);
        }
        afterSpace = piece.endsWith(" ");
      }
      if (!removeExtraSpaces) afterSpace = false;
    }
    if (removeExtraSpaces)
      while (out.length() > begin && out.charAt(out.length() - 1) == space)
        out.setLength(out.length() - 1);
  }

  /** Walks over a text, one replaced piece after the other. */
  private final class Cursor {
    private final String text;
    private final byte[] utf8;
    private int at;
    private int byteAt;
    private String piece;

    Cursor(String text) {
      this.text = text;
      this.utf8 = charsmap == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    /** Sets the next piece; false at the end. */
    boolean advance() {
      if (at == text.length()) return false;
      piece = userDefined.at(text, at);
      if (piece != null) {
        move(piece.length());
        return true;
      }
      long match = charsmap == null ? -1 : charsmap.longest(utf8, byteAt);
      if (match < 0) {
        int length = Character.charCount(text.codePointAt(at));
        piece = text.substring(at, at + length);
        move(length);
        return true;
      }
      int end = byteAt + (int) (match >>> 32);
      while (byteAt < end) move(Character.charCount(text.codePointAt(at)));
      piece = charsmap.replacement((int) match);
      return true;
    }

    private void move(int chars) {
      if (charsmap != null)
        for (int i = at; i < at + chars; i += Character.charCount(text.codePointAt(i)))
          byteAt += utf8Length(text.codePointAt(i));
      at += chars;
    }

    /** A lone surrogate was encoded as one byte, "?". */
    private static int utf8Length(int codePoint) {
      if (codePoint < 0x80 || codePoint >= 0xD800 && codePoint <= 0xDFFF) return 1;
      return codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }
  }
}
