package dev.quern.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A model's {@code config.json} as a dictionary with checked getters. Getters take the key and its
 * aliases in order of preference; the first that is there and not null counts. Every error names
 * the file, the key and the value.
 *
 * <p>An instance never changes; {@link #text()}, {@link #child} and {@link #withDefaults} give
 * others.
 */
public final class ModelConfig {
  private final String source;
  private final String path;
  private final ObjectNode node;

  private ModelConfig(String source, String path, ObjectNode node) {
    this.source = source;
    this.path = path;
    this.node = node;
  }

  /**
   * Reads {@code config.json} of a model folder.
   *
   * @param hfOverridesJson {@code --hf-overrides}: a JSON object laid over the config, nested
   *     objects merged into nested configs; null or blank for none
   * @throws ModelConfigException when a file is missing, is not a JSON object, or asks for a
   *     quantisation method
   */
  public static ModelConfig read(Path folder, String hfOverridesJson) {
    Quantization.refuseFile(folder.resolve("hf_quant_config.json"));
    Path file = folder.resolve("config.json");
    return parse(file.toString(), ConfigJson.text(file), hfOverridesJson);
  }

  /**
   * The same from Mistral's {@code params.json}, whose values get their names in {@code
   * config.json}; the overrides use those names.
   */
  public static ModelConfig readMistral(Path folder, String hfOverridesJson) {
    String source = folder.resolve(MistralParams.FILE).toString();
    return of(source, MistralParams.read(folder), hfOverridesJson);
  }

  /** Whether a folder's {@code params.json} is one that {@link #readMistral} takes. */
  public static boolean isDenseMistral(Path folder) {
    try {
      readMistral(folder, null);
      return true;
    } catch (ModelConfigException e) {
      return false;
    }
  }

  /** The same from text; {@code source} names it in errors. */
  public static ModelConfig parse(String source, String json, String hfOverridesJson) {
    return of(source, ConfigJson.parse(source, json), hfOverridesJson);
  }

  private static ModelConfig of(String source, ObjectNode node, String hfOverridesJson) {
    if (hfOverridesJson != null && !hfOverridesJson.isBlank()) {
      ConfigJson.merge(node, ConfigJson.parse("--hf-overrides", hfOverridesJson));
    }
    ModelConfig config = new ModelConfig(source, "", node);
    Quantization.refuse(config);
    return config;
  }

  /** A dictionary that is no model's config, taken as it is. */
  static ModelConfig plain(String source, ObjectNode node) {
    return new ModelConfig(source, "", node);
  }

  /**
   * The language model's part: {@code text_config} or {@code llm_config} laid over the rest, or
   * this itself when there is neither.
   */
  public ModelConfig text() {
    for (String key : new String[] {"text_config", "llm_config"}) {
      if (present(key)) {
        ObjectNode merged = node.deepCopy();
        merged.remove(key);
        for (Map.Entry<String, JsonNode> entry : child(key).node.properties()) {
          if (!entry.getValue().isNull() || !merged.hasNonNull(entry.getKey())) {
            merged.set(entry.getKey(), entry.getValue());
          }
        }
        return new ModelConfig(source, path + key + ".", merged);
      }
    }
    return this;
  }

  /** This with the values of {@code defaultsJson} where a key is absent (null is not absent). */
  public ModelConfig withDefaults(String defaultsJson) {
    ObjectNode merged = ConfigJson.parse("defaults", defaultsJson);
    merged.setAll(node);
    return new ModelConfig(source, path, merged);
  }

  /** The nested object at {@code key}, which must be there. */
  public ModelConfig child(String key) {
    if (!(node.get(key) instanceof ObjectNode object)) {
      throw invalid(key, "must be an object");
    }
    return new ModelConfig(source, path + key + ".", object);
  }

  /** Whether {@code key} is there and not null. */
  public boolean present(String key) {
    return node.hasNonNull(key);
  }

  boolean isObject(String key) {
    return node.get(key) instanceof ObjectNode;
  }

  boolean isArray(String key) {
    return node.has(key) && node.get(key).isArray();
  }

  /** All of it. */
  public String json() {
    return node.toString();
  }

  /** Where the config came from, for messages. */
  public String source() {
    return source;
  }

  /** An integer from min to max at one of the keys. */
  public int integer(int min, int max, String... keys) {
    String key = require(keys);
    JsonNode value = node.get(key);
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number >= min && number <= max) || number != Math.rint(number)) {
      throw invalid(key, "must be an integer from " + min + " to " + max);
    }
    return (int) number;
  }

  /** The same, or {@code fallback} when no key is there. */
  public int integerOr(int fallback, int min, int max, String... keys) {
    return find(keys) == null ? fallback : integer(min, max, keys);
  }

  /** A finite number at one of the keys. */
  public double number(String... keys) {
    String key = require(keys);
    JsonNode value = node.get(key);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw invalid(key, "must be a finite number");
    }
    return value.doubleValue();
  }

  public double numberOr(double fallback, String... keys) {
    return find(keys) == null ? fallback : number(keys);
  }

  /** A finite number above 0. */
  public double positive(String... keys) {
    double value = number(keys);
    if (!(value > 0)) {
      throw invalid(find(keys), "must be above 0");
    }
    return value;
  }

  public double positiveOr(double fallback, String... keys) {
    return find(keys) == null ? fallback : positive(keys);
  }

  public boolean flag(boolean fallback, String... keys) {
    String key = find(keys);
    if (key == null) {
      return fallback;
    }
    if (!node.get(key).isBoolean()) {
      throw invalid(key, "must be true or false");
    }
    return node.get(key).booleanValue();
  }

  /** A string at one of the keys, or {@code fallback} (which may be null). */
  public String stringOr(String fallback, String... keys) {
    String key = find(keys);
    if (key == null) {
      return fallback;
    }
    if (!node.get(key).isTextual()) {
      throw invalid(key, "must be a string");
    }
    return node.get(key).textValue();
  }

  /** An array of strings; empty when absent. */
  public List<String> strings(String key) {
    List<String> values = new ArrayList<>();
    for (JsonNode element : array(key)) {
      if (!element.isTextual()) {
        throw invalid(key, "must be an array of strings");
      }
      values.add(element.textValue());
    }
    return values;
  }

  /** An array of finite numbers; empty when absent. */
  public double[] numbers(String key) {
    JsonNode array = array(key);
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode element = array.get(i);
      if (!element.isNumber() || !Double.isFinite(element.doubleValue())) {
        throw invalid(key, "must be an array of finite numbers");
      }
      values[i] = element.doubleValue();
    }
    return values;
  }

  /** The first of the keys that is there and not null, or null. */
  public String find(String... keys) {
    for (String key : keys) {
      if (present(key)) {
        return key;
      }
    }
    return null;
  }

  /** The error that says what is wrong with the value at {@code key}. */
  public ModelConfigException invalid(String key, String must) {
    return new ModelConfigException(
        source + ": " + path + key + " = " + ConfigJson.shown(node.get(key)) + ": " + must);
  }

  /** This with the object {@code over} laid on it. */
  ModelConfig overlaid(ModelConfig over) {
    ObjectNode merged = node.deepCopy();
    merged.setAll(over.node);
    return new ModelConfig(source, over.path, merged);
  }

  /** This with the value that {@code other} has at {@code key}. */
  ModelConfig with(String key, ModelConfig other) {
    ObjectNode changed = node.deepCopy();
    changed.set(key, other.node.get(key));
    return new ModelConfig(source, path, changed);
  }

  /** An empty config of the same source. */
  ModelConfig withoutValues() {
    return new ModelConfig(source, path, node.objectNode());
  }

  private JsonNode array(String key) {
    if (!present(key)) {
      return node.arrayNode();
    }
    if (!node.get(key).isArray()) {
      throw invalid(key, "must be an array");
    }
    return node.get(key);
  }

  private String require(String... keys) {
    String key = find(keys);
    if (key == null) {
      String others = String.join(", ", List.of(keys).subList(1, keys.length));
      others = others.isEmpty() ? "" : " (or " + others + ")";
      throw new ModelConfigException(source + ": " + path + keys[0] + others + " is missing");
    }
    return key;
  }
}
