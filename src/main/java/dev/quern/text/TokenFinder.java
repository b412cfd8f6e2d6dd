package dev.quern.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds which of a set of tokens stands at a place in a text: the longest. */
final class TokenFinder {
  private final Map<Character, List<String>> byFirst = new HashMap<>();

  /** Most characters begin no token; this says so without boxing. */
  private final BitSet firsts = new BitSet();

  TokenFinder(Collection<String> tokens) {
    for (String token : tokens)
      if (!token.isEmpty())
        byFirst.computeIfAbsent(token.charAt(0), _ -> new ArrayList<>()).add(token);
    for (char first : byFirst.keySet()) firsts.set(first);
    for (List<String> same : byFirst.values())
      same.sort(Comparator.comparingInt(String::length).reversed());
  }

  /** The longest token at {@code text[at]}, or null. */
  String at(String text, int at) {
    char first = text.charAt(at);
    if (!firsts.get(first)) return null;
    for (String token : byFirst.get(first)) if (text.startsWith(token, at)) return token;
    return null;
  }
}
