package dev.quern.text;

import dev.quern.text.SentencePieceModel.Algorithm;
import dev.quern.text.SentencePieceModel.Piece;
import dev.quern.text.SentencePieceModel.Type;
import dev.quern.text.SentencePieceText.Prefix;
import dev.quern.text.SentencePieceText.Sides;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A SentencePiece {@code tokenizer.model} as a {@code tokenizer.json}: its pieces as a BPE or
 * Unigram model, its normaliser as {@link SentencePieceText}, its control and user-defined symbols
 * as added tokens.
 *
 * <p>Text without special tokens gives the ids that SentencePiece gives; special tokens written in
 * a text are found as transformers finds them, and {@code tokenizer_config.json} adds tokens and
 * the frame (beginning, end) as there. Exceptions, all of them transformers' too: BPE pieces of one
 * score go by their order, not by their place in the text; Unigram cuts whose scores are equal may
 * be told apart otherwise, as the library adds them up in double precision; in a Unigram model with
 * bytes the text {@code <0x41>} is that byte; decoding drops one blank in front, not all of them,
 * where the model removes blanks.
 */
final class SentencePieceConverter {
  /** Their ids are not those of the file: transformers' code moves them. */
  private static final Set<String> SHIFTED =
      Set.of(
          "BarthezTokenizer",
          "CamembertTokenizer",
          "LayoutXLMTokenizer",
          "MBartTokenizer",
          "MBart50Tokenizer",
          "NllbTokenizer",
          "PegasusTokenizer",
          "SeamlessM4TTokenizer",
          "XGLMTokenizer",
          "XLMRobertaTokenizer");

  /** Their code changes text in ways that the file does not say. */
  private static final Set<String> OTHER_TEXT =
      Set.of("AlbertTokenizer", "DebertaV2Tokenizer", "FNetTokenizer", "XLNetTokenizer");

  private static final Set<String> BEGINS_WITH_BOS =
      Set.of(
          "BaiChuanTokenizer",
          "BaichuanTokenizer",
          "CodeLlamaTokenizer",
          "GemmaTokenizer",
          "InternLM2Tokenizer",
          "InternLM3Tokenizer",
          "InternLMTokenizer",
          "LlamaTokenizer",
          "Phi3Tokenizer");

  private static final int T5_EXTRA_IDS = 100;

  private final Path file;
  private final TokenizerFolder folder;
  private final SentencePieceModel model;
  private final VocabularyDraft vocabulary = new VocabularyDraft();
  private final double[] scores;
  private final boolean[] found;

  private SentencePieceConverter(Path file, TokenizerFolder folder, SentencePieceModel model) {
    this.file = file;
    this.folder = folder;
    this.model = model;
    this.scores = new double[model.pieces().size()];
    this.found = new boolean[scores.length];
  }

  /**
   * @throws IOException where the file is broken, or says something that the library cannot do
   */
  static Conversion convert(Path file, TokenizerFolder folder) throws IOException {
    SentencePieceModel model = SentencePieceModel.read(file);
    try {
      return new SentencePieceConverter(file, folder, model).convert();
    } catch (IOException e) {
      throw new IOException(file + " cannot be converted exactly: " + e.getMessage(), e);
    }
  }

  private Conversion convert() throws IOException {
    refuse();
    int unknown = addPieces();
    Map<String, String> named = addTokens(unknown);
    TokenizerJson.Model found =
        switch (model.algorithm()) {
          case BPE -> bpe(unknown);
          default -> new TokenizerJson.Model.Unigram(scores, unknown, model.byteFallback());
        };
    Prefix prefix = prefix();
    byte[] json = TokenizerJson.write(vocabulary, found, null, null, frame(named), decoder(prefix));
    return new Conversion(file, json, vocabulary, text(prefix), named);
  }

  private void refuse() throws IOException {
    String name = folder.tokenizerClass();
    if (name != null && SHIFTED.contains(name))
      throw new IOException(name + " gives other ids than this file; its tokenizer.json is needed");
    if (name != null && OTHER_TEXT.contains(name))
      throw new IOException(name + " changes the text before; its tokenizer.json is needed");
    if (model.algorithm() != Algorithm.BPE && model.algorithm() != Algorithm.UNIGRAM)
      throw new IOException("models of type " + model.algorithm() + " are not supported");
    if (model.spaceAsSuffix()) throw new IOException("it writes blanks at the end of words");
    if (model.denormalizes()) throw new IOException("it changes text when decoding");
  }

  /** Gives the id of the unknown piece. */
  private int addPieces() throws IOException {
    int unknown = -1;
    for (int id = 0; id < scores.length; id++) {
      Piece piece = model.pieces().get(id);
      vocabulary.put(piece.text(), id);
      scores[id] = piece.score();
      found[id] = piece.type() == Type.NORMAL;
      switch (piece.type()) {
        case UNUSED -> {
          if (model.algorithm() != Algorithm.BPE) throw unused(id);
        }
        case UNKNOWN -> {
          if (unknown >= 0)
            throw new IOException("both " + unknown + " and " + id + " are the unknown piece");
          unknown = id;
        }
        case CONTROL -> vocabulary.add(AddedToken.special(id, piece.text()));
        case USER_DEFINED ->
            vocabulary.add(new AddedToken(id, piece.text(), false, false, false, false, false));
        case NORMAL, BYTE -> {}
      }
    }
    if (unknown < 0) throw new IOException("it has no unknown piece");
    return unknown;
  }

  /** Gives the special tokens by role. */
  private Map<String, String> addTokens(int unknown) throws IOException {
    if ("T5Tokenizer".equals(folder.tokenizerClass())) addSentinels();
    for (AddedToken token : folder.addedTokens()) vocabulary.add(token);
    Map<String, String> named = new HashMap<>();
    model
        .named()
        .forEach(
            (role, text) -> {
              int id = vocabulary.id(text);
              if (id >= 0 && id < found.length && !found[id]) named.put(role, text);
            });
    named.put("unk_token", vocabulary.piece(unknown));
    named.putAll(folder.config().specialTokens());
    vocabulary.addSpecial(named.values());
    vocabulary.addSpecial(folder.config().extraSpecial());
    return named;
  }

  private void addSentinels() throws IOException {
    int count =
        folder.raw().get("extra_ids") instanceof Number number ? number.intValue() : T5_EXTRA_IDS;
    for (int i = count - 1; i >= 0; i--)
      vocabulary.add(AddedToken.special(-1, "<extra_id_" + i + ">"));
  }

  private TokenizerJson.Model bpe(int unknown) throws IOException {
    // An added token may have taken the place of a piece, and is not found by merging.
    for (int id = 0; id < found.length; id++)
      found[id] &= vocabulary.piece(id).equals(model.pieces().get(id).text());
    for (int id = 0; id < found.length; id++)
      if (found[id]) nameCharacters(id, vocabulary.piece(id));
    // SentencePiece makes an unused piece and takes it apart again; the library cannot.
    for (int id = 0; id < found.length; id++)
      if (model.pieces().get(id).type() == Type.UNUSED
          && PieceMerges.canBeMade(vocabulary, vocabulary.piece(id), found)) throw unused(id);
    return new TokenizerJson.Model.Bpe(
        PieceMerges.ofScores(vocabulary, scores, found),
        vocabulary.piece(unknown),
        model.byteFallback(),
        false);
  }

  private IOException unused(int id) {
    return new IOException("piece " + id + " ('" + vocabulary.piece(id) + "') is marked unused");
  }

  /**
   * SentencePiece merges characters that are no pieces; the library does not. One of a single byte
   * can take the name of that byte's piece, which stands for the same id.
   */
  private void nameCharacters(int id, String piece) throws IOException {
    for (int i = 0; i < piece.length(); ) {
      int c = piece.codePointAt(i);
      int next = i + Character.charCount(c);
      String character = piece.substring(i, next);
      if (piece.length() > character.length() && vocabulary.id(character) < 0) {
        int asByte = c < 0x80 ? vocabulary.id(String.format("<0x%02X>", c)) : -1;
        if (asByte < 0)
          throw new IOException(
              "piece " + id + " ('" + piece + "') has a character that is no piece");
        vocabulary.rename(asByte, character);
        found[asByte] = true;
      }
      i = next;
    }
  }

  private Prefix prefix() {
    if (!folder.flag("add_prefix_space", model.dummyPrefix())) return Prefix.NEVER;
    return folder.flag("legacy", false) ? Prefix.ALWAYS : Prefix.FIRST;
  }

  private SentencePieceText text(Prefix prefix) throws IOException {
    Set<String> userDefined = new HashSet<>();
    for (Piece piece : model.pieces())
      if (piece.type() == Type.USER_DEFINED) userDefined.add(piece.text());
    Map<String, Sides> cuts = new HashMap<>();
    for (AddedToken token : vocabulary.added())
      if (prefix == Prefix.ALWAYS || !userDefined.contains(token.text()))
        cuts.put(token.text(), new Sides(token.stripsLeft(), token.stripsRight()));
    return new SentencePieceText(
        model.charsmap().hasRemaining() ? Charsmap.parse(model.charsmap()) : null,
        prefix,
        model.removeExtraSpaces(),
        model.escapeSpaces(),
        userDefined,
        cuts);
  }

  private Object frame(Map<String, String> named) {
    String name = folder.tokenizerClass();
    boolean t5 = "T5Tokenizer".equals(name);
    boolean begins = name == null || BEGINS_WITH_BOS.contains(name);
    String bos = folder.flag("add_bos_token", begins) ? named.get("bos_token") : null;
    String eos = folder.flag("add_eos_token", t5) ? named.get("eos_token") : null;
    return TokenizerJson.frame(vocabulary, bos, eos);
  }

  private Object decoder(Prefix prefix) {
    List<Object> steps = new ArrayList<>();
    steps.add(
        Map.of(
            "type",
            "Replace",
            "pattern",
            Map.of("String", String.valueOf(SentencePieceText.SPACE)),
            "content",
            " "));
    if (model.byteFallback()) steps.add(Map.of("type", "ByteFallback"));
    steps.add(Map.of("type", "Fuse"));
    if (prefix != Prefix.NEVER)
      steps.add(Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0));
    return Map.of("type", "Sequence", "decoders", steps);
  }
}
