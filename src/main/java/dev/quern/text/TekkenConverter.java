package dev.quern.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Mistral's {@code tekken.json} as a {@code tokenizer.json}. The special tokens have the first ids,
 * unnamed ones filled up to the count that the file gives; the pieces follow in order of rank, cut
 * to the size of the vocabulary. Source: mistral-common's Tekkenizer.
 */
final class TekkenConverter {
  /** Those of files of version 7 and older, which have none of their own. */
  private static final List<String> OLD_SPECIAL =
      List.of(
          "<unk>",
          "<s>",
          "</s>",
          "[INST]",
          "[/INST]",
          "[AVAILABLE_TOOLS]",
          "[/AVAILABLE_TOOLS]",
          "[TOOL_RESULTS]",
          "[/TOOL_RESULTS]",
          "[TOOL_CALLS]",
          "[IMG]",
          "<pad>",
          "[IMG_BREAK]",
          "[IMG_END]",
          "[PREFIX]",
          "[MIDDLE]",
          "[SUFFIX]",
          "[SYSTEM_PROMPT]",
          "[/SYSTEM_PROMPT]",
          "[TOOL_CONTENT]");

  private static final Map<String, String> ROLES =
      Map.of("unk_token", "<unk>", "bos_token", "<s>", "eos_token", "</s>", "pad_token", "<pad>");

  private Map<?, ?> config = Map.of();
  private List<?> special;
  private final List<byte[]> pieces = new ArrayList<>();

  private TekkenConverter() {}

  static Conversion convert(Path file, TokenizerFolder folder) throws IOException {
    try {
      TekkenConverter converter = new TekkenConverter();
      converter.read(file);
      return converter.converted(file, folder);
    } catch (JsonProcessingException e) {
      throw new IOException(
          file
              + ": not valid JSON: "
              + e.getOriginalMessage()
              + " at line "
              + e.getLocation().getLineNr(),
          e);
    } catch (IOException e) {
      throw RankedVocabulary.in(file, e);
    }
  }

  private void read(Path file) throws IOException {
    try (JsonParser parser = JsonTree.FACTORY.createParser(Files.newInputStream(file))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("not a JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() != JsonToken.END_ARRAY) pieces.add(piece(parser));
        } else if (name.equals("config")) {
          if (!(JsonTree.value(parser) instanceof Map<?, ?> map))
            throw new IOException("config is not an object");
          config = map;
        } else if (name.equals("special_tokens") && value == JsonToken.START_ARRAY) {
          special = (List<?>) JsonTree.value(parser);
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  private byte[] piece(JsonParser parser) throws IOException {
    int rank = pieces.size();
    if (!(JsonTree.value(parser) instanceof Map<?, ?> piece)
        || !(piece.get("token_bytes") instanceof String bytes)
        || !(piece.get("rank") instanceof Integer given))
      throw new IOException("piece " + rank + " of vocab has no rank or no token_bytes");
    if (given != rank) throw new IOException("piece " + rank + " of vocab has the rank " + given);
    try {
      return Base64.getDecoder().decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new IOException("piece " + rank + " of vocab is not in base 64: " + bytes, e);
    }
  }

  /** Cuts the pieces to the size of the vocabulary, as the file has more than are used. */
  private RankedVocabulary ranked() throws IOException {
    int count = number("default_vocab_size") - number("default_num_special_tokens");
    if (count > pieces.size())
      throw new IOException("vocab has " + pieces.size() + " pieces of " + count);
    RankedVocabulary ranked = new RankedVocabulary();
    for (byte[] piece : pieces.subList(0, Math.max(0, count))) ranked.add(piece);
    return ranked;
  }

  private Conversion converted(Path file, TokenizerFolder folder) throws IOException {
    if (!(config.get("pattern") instanceof String pattern))
      throw new IOException("config has no pattern");
    VocabularyDraft vocabulary = new VocabularyDraft();
    List<String> tokens = specialTokens();
    for (int id = 0; id < tokens.size(); id++)
      vocabulary.add(AddedToken.special(id, tokens.get(id)));
    Map<String, String> named = new HashMap<>(ROLES);
    named.values().removeIf(text -> vocabulary.id(text) < 0);
    named.putAll(folder.config().specialTokens());
    String bos = folder.flag("add_bos_token", true) ? named.get("bos_token") : null;
    String eos = folder.flag("add_eos_token", false) ? named.get("eos_token") : null;
    for (String token : named.values())
      if (vocabulary.id(token) < 0)
        throw new IOException("tokenizer_config.json names '" + token + "', which it has not");
    byte[] json =
        ranked()
            .json(vocabulary, tokens.size(), pattern, TokenizerJson.frame(vocabulary, bos, eos));
    return new Conversion(file, json, vocabulary, text -> text, named);
  }

  private List<String> specialTokens() throws IOException {
    int count = number("default_num_special_tokens");
    String[] tokens = new String[count];
    List<?> given = special == null ? old() : special;
    for (Object entry : given) {
      if (!(entry instanceof Map<?, ?> token)
          || !(token.get("rank") instanceof Integer rank)
          || !(token.get("token_str") instanceof String text))
        throw new IOException("a special token has no rank or no token_str");
      if (rank < 0 || rank >= count || tokens[rank] != null)
        throw new IOException("special token '" + text + "' cannot have the rank " + rank);
      tokens[rank] = text;
    }
    List<String> all = new ArrayList<>();
    for (int id = 0; id < count; id++)
      all.add(tokens[id] == null ? "<SPECIAL_" + id + ">" : tokens[id]);
    return all;
  }

  private List<?> old() throws IOException {
    String version = String.valueOf(config.get("version"));
    if (!version.matches("v[1-7]"))
      throw new IOException("it has no special_tokens, which version " + version + " needs");
    List<Object> tokens = new ArrayList<>();
    for (String text : OLD_SPECIAL) tokens.add(Map.of("rank", tokens.size(), "token_str", text));
    return tokens;
  }

  private int number(String name) throws IOException {
    if (config.get(name) instanceof Integer number
        && number >= 0
        && number < VocabularyDraft.MAX_IDS) return number;
    throw new IOException("config has no " + name);
  }
}
