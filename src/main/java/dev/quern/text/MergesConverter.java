package dev.quern.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.text.TokenizerJson.Merge;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code vocab.json} and {@code merges.txt} of a byte-level BPE as a {@code tokenizer.json}. The
 * files do not say how text is cut before: the tokenizer's class does, or the model's type, for
 * those whose class is known to read these two files.
 */
final class MergesConverter {
  private static final Set<String> LIKE_GPT2 = Set.of("GPT2Tokenizer", "CodeGenTokenizer");

  private static final Set<String> TYPES_LIKE_GPT2 =
      Set.of(
          "codegen",
          "gpt2",
          "gpt_bigcode",
          "gpt_neo",
          "gptj",
          "granite",
          "opt",
          "phi",
          "starcoder2");

  private static final Set<String> TYPES_LIKE_QWEN2 =
      Set.of("qwen2", "qwen2_moe", "qwen3", "qwen3_moe");

  private static final String QWEN2_PATTERN =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String END = "<|endoftext|>";

  private MergesConverter() {}

  static Conversion convert(Path vocab, Path merges, TokenizerFolder folder) throws IOException {
    boolean qwen2 = isQwen2(vocab, folder);
    VocabularyDraft vocabulary = vocabulary(vocab);
    Map<String, String> named = new HashMap<>();
    for (String role :
        qwen2 ? List.of("eos_token", "pad_token") : List.of("unk_token", "bos_token", "eos_token"))
      named.put(role, END);
    // What the file sets to null has no token.
    named.keySet().removeIf(role -> folder.raw().containsKey(role));
    named.putAll(folder.config().specialTokens());
    try {
      for (AddedToken token : folder.addedTokens()) vocabulary.add(token);
      vocabulary.addSpecial(named.values());
      vocabulary.addSpecial(folder.config().extraSpecial());
    } catch (IOException e) {
      throw RankedVocabulary.in(vocab, e);
    }
    String bos = folder.flag("add_bos_token", false) ? named.get("bos_token") : null;
    String eos = folder.flag("add_eos_token", false) ? named.get("eos_token") : null;
    boolean space = folder.flag("add_prefix_space", false);
    byte[] json =
        TokenizerJson.write(
            vocabulary,
            new TokenizerJson.Model.Bpe(merges(merges, vocabulary), null, false, false),
            qwen2 ? Map.of("type", "NFC") : null,
            qwen2
                ? Map.of(
                    "type",
                    "Sequence",
                    "pretokenizers",
                    List.of(ByteLevel.split(QWEN2_PATTERN), ByteLevel.preTokenizer(space, false)))
                : ByteLevel.preTokenizer(space, true),
            TokenizerJson.frame(vocabulary, bos, eos),
            ByteLevel.decoder());
    return new Conversion(vocab, json, vocabulary, text -> text, named);
  }

  private static boolean isQwen2(Path vocab, TokenizerFolder folder) throws IOException {
    String name = folder.tokenizerClass();
    String type = folder.modelType();
    if (name == null && type != null) {
      if (TYPES_LIKE_QWEN2.contains(type)) return true;
      if (TYPES_LIKE_GPT2.contains(type)) return false;
    }
    if ("Qwen2Tokenizer".equals(name)) return true;
    if (name != null && LIKE_GPT2.contains(name)) return false;
    throw new IOException(
        vocab
            + " and merges.txt do not say how text is cut into words, and "
            + (name != null
                ? "what the tokenizer class " + name + " does is not known here"
                : "tokenizer_config.json names no tokenizer class")
            + "; its tokenizer.json is needed");
  }

  private static VocabularyDraft vocabulary(Path file) throws IOException {
    VocabularyDraft vocabulary = new VocabularyDraft();
    try (JsonParser parser = JsonTree.FACTORY.createParser(Files.newInputStream(file))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("not a JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String piece = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT)
          throw new IOException("piece '" + piece + "' has no id");
        vocabulary.put(piece, parser.getIntValue());
      }
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
    for (int b = 0; b < 256; b++)
      if (vocabulary.id(ByteLevel.text(b)) < 0)
        throw new IOException(file + ": no piece for the byte " + b + "; it is not byte-level BPE");
    return vocabulary;
  }

  private static List<Merge> merges(Path file, VocabularyDraft vocabulary) throws IOException {
    List<Merge> merges = new ArrayList<>();
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not in UTF-8", e);
    }
    int number = 0;
    // Not String.lines(): a piece may hold any other line end.
    for (String line : text.split("\n", -1)) {
      number++;
      if (line.endsWith("\r")) line = line.substring(0, line.length() - 1);
      if (line.isEmpty() || line.startsWith("#version")) continue;
      int blank = line.indexOf(' ');
      Merge merge =
          blank < 0 ? null : new Merge(line.substring(0, blank), line.substring(blank + 1));
      if (merge == null
          || vocabulary.id(merge.left()) < 0
          || vocabulary.id(merge.right()) < 0
          || vocabulary.id(merge.left() + merge.right()) < 0)
        throw new IOException(
            file + ": line " + number + " is not a merge of two pieces into a third: " + line);
      merges.add(merge);
    }
    return merges;
  }
}
