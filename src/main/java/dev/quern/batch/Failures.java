package dev.quern.batch;

import dev.quern.openai.ApiError;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Failed lines by kind: messages that differ in numbers only are one. Bounded. */
final class Failures {
  private static final int MAX_KINDS = 50;
  private static final int MAX_KIND_CHARS = 120;
  private static final String OTHERS = "others";

  private final Map<String, Long> kinds = new LinkedHashMap<>();

  void add(ApiError error) {
    String message = error.message().replaceAll("\\d+", "#");
    if (message.length() > MAX_KIND_CHARS) message = message.substring(0, MAX_KIND_CHARS) + "…";
    String kind = error.code() + " " + message;
    boolean room = kinds.size() < MAX_KINDS || kinds.containsKey(kind);
    kinds.merge(room ? kind : OTHERS, 1L, Long::sum);
  }

  /** Most frequent first. */
  List<Map.Entry<String, Long>> byCount() {
    return kinds.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .toList();
  }
}
