package dev.quern.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds which of a set of tokens stands at a place in a text: the longest. */
final class TokenFinder {
  private final Map<Character, List<String>> byFirst = new HashMap<>();

  TokenFinder(Collection<String> tokens) {
    for (String token : tokens)
      if (!token.isEmpty())
        byFirst.computeIfAbsent(token.charAt(0), _ -> new ArrayList<>()).add(token);
    for (List<String> same : byFirst.values())
      same.sort(Comparator.comparingInt(String::length).reversed());
  }

  /** The longest token at {@code text[at]}, or null. */
  String at(String text, int at) {
    List<String> candidates = byFirst.get(text.charAt(at));
    if (candidates == null) return null;
    for (String token : candidates) if (text.startsWith(token, at)) return token;
    return null;
  }
}
