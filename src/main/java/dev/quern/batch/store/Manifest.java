package dev.quern.batch.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a job's results come from; it stands beside the output, and a later attempt must agree.
 *
 * @param created seconds since 1970: the time that stands in the answers
 * @param results what the results depend on beside the lines: model, dtype, template, …
 * @param input what the input looked like; empty for a stream
 */
public record Manifest(
    int version, long created, Map<String, String> results, Map<String, String> input) {
  private static final int VERSION = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The one entry of {@link #input} whose change alone is not refused. */
  public static final String INPUT_TIME = "modified";

  public Manifest(long created, Map<String, String> results, Map<String, String> input) {
    this(VERSION, created, results, input);
  }

  /** Eight hex digits of {@link #results}. */
  public String fingerprint() {
    MessageDigest digest = LineHash.sha256();
    new TreeMap<>(results)
        .forEach(
            (name, value) ->
                digest.update((name + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest(), 0, 4);
  }

  /** Where this manifest and the one of now differ, a line each; empty when they agree. */
  public String differences(Manifest now) {
    StringBuilder text = new StringBuilder();
    compare(text, "", results, now.results);
    compare(text, "input ", input, now.input);
    return text.toString();
  }

  private static void compare(
      StringBuilder text, String kind, Map<String, String> then, Map<String, String> now) {
    Set<String> names = new LinkedHashSet<>(then.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String was = then.getOrDefault(name, "none");
      String is = now.getOrDefault(name, "none");
      if (!was.equals(is) && !(kind.equals("input ") && name.equals(INPUT_TIME)))
        text.append("\n  %s%s: was %s, is %s".formatted(kind, name, was, is));
    }
  }

  /** The input is, by all that is cheap to see, the one of the earlier attempt. */
  public boolean sameInput(Manifest now) {
    return !input.isEmpty() && input.equals(now.input);
  }

  /** What a later attempt goes on with: its own results and input, the first one's time. */
  Manifest with(Manifest now) {
    return new Manifest(created, now.results, now.input);
  }

  /** As long as the input's lines were not all compared, it is the earlier attempt's. */
  Manifest withResultsOf(Manifest now) {
    return new Manifest(created, now.results, input);
  }

  byte[] toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", version);
    json.put("created", created);
    json.put("results", results);
    json.put("input", input);
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Manifest parse(byte[] bytes, Object where) throws IOException {
    try {
      var json = JSON.readTree(bytes);
      int version = json.path("version").intValue();
      if (version != VERSION)
        throw new IOException(
            "%s is of version %d; this program knows %d".formatted(where, version, VERSION));
      var texts = new TypeReference<LinkedHashMap<String, String>>() {};
      return new Manifest(
          version,
          json.get("created").longValue(),
          JSON.convertValue(json.get("results"), texts),
          JSON.convertValue(json.get("input"), texts));
    } catch (JsonProcessingException | RuntimeException e) {
      throw new IOException(where + " is damaged: " + e.getMessage(), e);
    }
  }
}
