package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a JSON object, read with their types. An absent field and a null one are the same:
 * null, or the default given. A value of the wrong type is a 400 that names the field and the
 * value.
 */
final class Fields {
  private static final int MAX_SHOWN_CHARS = 80;

  private final JsonNode object;

  /**
   * @param what names the object in the error when it is none
   */
  Fields(JsonNode object, String what) {
    if (!object.isObject())
      throw ApiException.badRequest(what + " must be a JSON object, got " + show(object), null);
    this.object = object;
  }

  /** The raw value, or null. */
  JsonNode get(String name) {
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  String text(String name) {
    JsonNode value = get(name);
    if (value == null) return null;
    if (!value.isTextual()) throw wrong(name, "a string", value);
    return value.textValue();
  }

  boolean flag(String name, boolean otherwise) {
    JsonNode value = get(name);
    if (value == null) return otherwise;
    if (!value.isBoolean()) throw wrong(name, "true or false", value);
    return value.booleanValue();
  }

  Integer integer(String name) {
    JsonNode value = get(name);
    return value == null ? null : integer(name, value);
  }

  private static int integer(String name, JsonNode value) {
    if (!integral(value) || !value.canConvertToInt()) throw wrong(name, "an integer", value);
    return value.intValue();
  }

  Long longInteger(String name) {
    JsonNode value = get(name);
    if (value == null) return null;
    if (!integral(value) || !value.canConvertToLong())
      throw wrong(name, "an integer of 64 bits", value);
    return value.longValue();
  }

  /** 5.0 counts as the integer 5. */
  private static boolean integral(JsonNode value) {
    return value.isNumber() && value.canConvertToExactIntegral();
  }

  Float number(String name) {
    JsonNode value = get(name);
    return value == null ? null : number(name, value);
  }

  private static float number(String name, JsonNode value) {
    float number = value.isNumber() ? value.floatValue() : Float.NaN;
    if (!Float.isFinite(number)) throw wrong(name, "a finite number", value);
    return number;
  }

  /** Strings; empty when absent. */
  List<String> texts(String name) {
    JsonNode value = get(name);
    if (value == null) return List.of();
    if (!value.isArray()) throw wrong(name, "a list of strings", value);
    List<String> texts = new ArrayList<>(value.size());
    for (JsonNode item : value) {
      if (!item.isTextual()) throw wrong(name, "a list of strings", item);
      texts.add(item.textValue());
    }
    return texts;
  }

  /** Integers, or null when absent. */
  List<Integer> integers(String name) {
    JsonNode value = get(name);
    if (value == null) return null;
    if (!value.isArray()) throw wrong(name, "a list of integers", value);
    List<Integer> integers = new ArrayList<>(value.size());
    for (JsonNode item : value) integers.add(integer(name, item));
    return integers;
  }

  /** A map whose keys are token ids; empty when absent. */
  Map<Integer, Float> numbersById(String name) {
    JsonNode value = get(name);
    if (value == null) return Map.of();
    if (!value.isObject()) throw wrong(name, "an object of token ids and numbers", value);
    Map<Integer, Float> numbers = new LinkedHashMap<>();
    for (var field : value.properties()) {
      try {
        numbers.put(Integer.valueOf(field.getKey()), number(name, field.getValue()));
      } catch (NumberFormatException e) {
        throw ApiException.badRequest(
            name + " must have token ids as keys, got \"" + field.getKey() + "\"", name);
      }
    }
    return numbers;
  }

  /** An object's fields, or null when absent. */
  Fields object(String name) {
    JsonNode value = get(name);
    return value == null ? null : new Fields(value, name);
  }

  static ApiException wrong(String name, String expected, JsonNode value) {
    return ApiException.badRequest(name + " must be " + expected + ", got " + show(value), name);
  }

  static String show(JsonNode value) {
    String text =
        value.isContainerNode() ? value.getNodeType().name().toLowerCase() : value.toString();
    return text.length() <= MAX_SHOWN_CHARS ? text : text.substring(0, MAX_SHOWN_CHARS) + "…";
  }
}
