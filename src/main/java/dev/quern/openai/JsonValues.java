package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as plain values for a template: maps, lists, strings, Long, Double, Boolean, null. */
final class JsonValues {
  private JsonValues() {}

  static Object of(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> map(node);
      case ARRAY -> {
        List<Object> list = new ArrayList<>(node.size());
        for (JsonNode item : node) list.add(of(item));
        yield list;
      }
      case STRING -> node.textValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> number(node);
      default -> null;
    };
  }

  static Map<String, Object> map(JsonNode node) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (var field : node.properties()) map.put(field.getKey(), of(field.getValue()));
    return map;
  }

  private static Number number(JsonNode node) {
    if (!node.isIntegralNumber()) return node.doubleValue();
    return node.canConvertToLong() ? (Number) node.longValue() : node.bigIntegerValue();
  }
}
