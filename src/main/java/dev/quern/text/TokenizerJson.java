package dev.quern.text;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a {@code tokenizer.json} for the tokenizers library. The steps are plain maps, as the
 * library's own serialisation has them; vocabulary and merges are written as a stream.
 */
final class TokenizerJson {
  /** Two pieces that become one; the earlier in the list goes first. */
  record Merge(String left, String right) {}

  /** How pieces are found in text. */
  sealed interface Model {
    /**
     * @param unknown the piece for what no other covers, or null
     * @param wholeFirst a text that is a piece is taken whole, whatever the merges say
     */
    record Bpe(List<Merge> merges, String unknown, boolean byteFallback, boolean wholeFirst)
        implements Model {}

    /**
     * @param scores log probability by id
     */
    record Unigram(double[] scores, int unknownId, boolean byteFallback) implements Model {}
  }

  private TokenizerJson() {}

  /**
   * @param normalizer step before the pieces are sought, or null, as the other steps
   */
  static byte[] write(
      VocabularyDraft vocabulary,
      Model model,
      Object normalizer,
      Object preTokenizer,
      Object postProcessor,
      Object decoder)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 20);
    try (JsonGenerator out = JsonTree.FACTORY.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("version", "1.0");
      out.writeArrayFieldStart("added_tokens");
      for (AddedToken token : vocabulary.added()) JsonTree.write(out, added(token));
      out.writeEndArray();
      step(out, "normalizer", normalizer);
      step(out, "pre_tokenizer", preTokenizer);
      step(out, "post_processor", postProcessor);
      step(out, "decoder", decoder);
      out.writeObjectFieldStart("model");
      switch (model) {
        case Model.Bpe bpe -> writeBpe(out, vocabulary, bpe);
        case Model.Unigram unigram -> writeUnigram(out, vocabulary, unigram);
      }
      out.writeEndObject();
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** Puts {@code bos} before and {@code eos} after a text; null leaves one out. */
  static Object frame(VocabularyDraft vocabulary, String bos, String eos) {
    List<Object> single = new ArrayList<>();
    Map<String, Object> tokens = new LinkedHashMap<>();
    if (bos != null) special(vocabulary, bos, single, tokens);
    single.add(Map.of("Sequence", Map.of("id", "A", "type_id", 0)));
    if (eos != null) special(vocabulary, eos, single, tokens);
    if (tokens.isEmpty()) return null;
    List<Object> pair = new ArrayList<>(single);
    pair.add(Map.of("Sequence", Map.of("id", "B", "type_id", 1)));
    return Map.of(
        "type", "TemplateProcessing", "single", single, "pair", pair, "special_tokens", tokens);
  }

  private static void special(
      VocabularyDraft vocabulary, String token, List<Object> single, Map<String, Object> tokens) {
    single.add(Map.of("SpecialToken", Map.of("id", token, "type_id", 0)));
    tokens.put(
        token, Map.of("id", token, "ids", List.of(vocabulary.id(token)), "tokens", List.of(token)));
  }

  private static Map<String, Object> added(AddedToken token) {
    return Map.of(
        "id", token.id(),
        "content", token.text(),
        "single_word", token.singleWord(),
        "lstrip", token.stripsLeft(),
        "rstrip", token.stripsRight(),
        "normalized", token.normalized(),
        "special", token.special());
  }

  private static void step(JsonGenerator out, String name, Object step) throws IOException {
    out.writeFieldName(name);
    JsonTree.write(out, step);
  }

  private static void writeBpe(JsonGenerator out, VocabularyDraft vocabulary, Model.Bpe model)
      throws IOException {
    out.writeStringField("type", "BPE");
    out.writeStringField("unk_token", model.unknown());
    out.writeBooleanField("fuse_unk", model.unknown() != null);
    out.writeBooleanField("byte_fallback", model.byteFallback());
    out.writeBooleanField("ignore_merges", model.wholeFirst());
    out.writeObjectFieldStart("vocab");
    for (int id = 0; id < vocabulary.end(); id++)
      if (vocabulary.piece(id) != null) out.writeNumberField(vocabulary.piece(id), id);
    out.writeEndObject();
    out.writeArrayFieldStart("merges");
    for (Merge merge : model.merges()) {
      out.writeStartArray();
      out.writeString(merge.left());
      out.writeString(merge.right());
      out.writeEndArray();
    }
    out.writeEndArray();
  }

  private static void writeUnigram(
      JsonGenerator out, VocabularyDraft vocabulary, Model.Unigram model) throws IOException {
    out.writeStringField("type", "Unigram");
    out.writeNumberField("unk_id", model.unknownId());
    out.writeBooleanField("byte_fallback", model.byteFallback());
    out.writeArrayFieldStart("vocab");
    for (int id = 0; id < vocabulary.end(); id++) {
      String piece = vocabulary.piece(id);
      if (piece == null)
        throw new IOException("no piece has the id " + id + ", and later ones have pieces");
      out.writeStartArray();
      out.writeString(piece);
      out.writeNumber(id < model.scores().length ? model.scores()[id] : 0.0);
      out.writeEndArray();
    }
    out.writeEndArray();
  }
}
