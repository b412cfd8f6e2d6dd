package dev.quern.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A SentencePiece {@code tokenizer.model}: the fields of its {@code ModelProto} that decide how
 * text is cut. Source: sentencepiece_model.proto, whose defaults stand where a file is silent.
 *
 * @param pieces by id
 * @param charsmap the precompiled normaliser, empty where text is kept as it is
 */
record SentencePieceModel(
    List<Piece> pieces,
    Algorithm algorithm,
    boolean byteFallback,
    boolean spaceAsSuffix,
    Map<String, String> named,
    ByteBuffer charsmap,
    boolean dummyPrefix,
    boolean removeExtraSpaces,
    boolean escapeSpaces,
    boolean denormalizes) {
  private static final long MAX_BYTES = 256L << 20;
  private static final int MAX_PIECES = 4 << 20;

  enum Algorithm {
    UNIGRAM,
    BPE,
    WORD,
    CHAR
  }

  /** {@code UNKNOWN} is one piece; only {@code NORMAL} ones are found in text by their score. */
  enum Type {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  record Piece(String text, float score, Type type) {}

  /**
   * @throws IOException names the file and what is wrong with it
   */
  static SentencePieceModel read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES)
      throw new IOException(
          file + ": " + Files.size(file) + " bytes are more than a SentencePiece model has");
    try {
      return parse(ByteBuffer.wrap(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new IOException(file + ": not a SentencePiece model: " + e.getMessage(), e);
    }
  }

  static SentencePieceModel parse(ByteBuffer bytes) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    Trainer trainer = new Trainer();
    Normalizer normalizer = new Normalizer();
    Normalizer denormalizer = new Normalizer();
    ProtoReader in = new ProtoReader(bytes);
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> {
          if (pieces.size() == MAX_PIECES) throw new IOException("too many pieces");
          pieces.add(piece(in.bytes(), pieces.size()));
        }
        case 2 -> trainer.read(in.bytes());
        case 3 -> normalizer.read(in.bytes());
        case 5 -> denormalizer.read(in.bytes());
        default -> {}
      }
    }
    if (pieces.isEmpty()) throw new IOException("it has no pieces");
    return new SentencePieceModel(
        List.copyOf(pieces),
        choice(Algorithm.values(), trainer.modelType - 1, "model type"),
        trainer.byteFallback,
        trainer.spaceAsSuffix,
        Map.copyOf(trainer.named),
        normalizer.charsmap,
        normalizer.dummyPrefix,
        normalizer.removeExtraSpaces,
        normalizer.escapeSpaces,
        denormalizer.charsmap.hasRemaining());
  }

  private static Piece piece(ByteBuffer message, int id) throws IOException {
    String text = "";
    float score = 0;
    int type = 1;
    ProtoReader in = new ProtoReader(message);
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> text = in.string();
        case 2 -> score = in.float32();
        case 3 -> type = in.int32();
        default -> {}
      }
    }
    if (text.isEmpty()) throw new IOException("piece " + id + " is empty");
    if (!Float.isFinite(score)) throw new IOException("piece " + id + " has the score " + score);
    return new Piece(text, score, choice(Type.values(), type - 1, "type of piece " + id));
  }

  private static <T> T choice(T[] values, int index, String what) throws IOException {
    if (index < 0 || index >= values.length)
      throw new IOException("unknown " + what + ": " + (index + 1));
    return values[index];
  }

  private static final class Trainer {
    private int modelType = 1;
    private boolean byteFallback;
    private boolean spaceAsSuffix;
    private final Map<String, String> named =
        new HashMap<>(
            Map.of(
                "unk_token",
                "<unk>",
                "bos_token",
                "<s>",
                "eos_token",
                "</s>",
                "pad_token",
                "<pad>"));

    void read(ByteBuffer message) throws IOException {
      ProtoReader in = new ProtoReader(message);
      for (int field = in.next(); field != 0; field = in.next()) {
        switch (field) {
          case 3 -> modelType = in.int32();
          case 24 -> spaceAsSuffix = in.bool();
          case 35 -> byteFallback = in.bool();
          case 45 -> named.put("unk_token", in.string());
          case 46 -> named.put("bos_token", in.string());
          case 47 -> named.put("eos_token", in.string());
          case 48 -> named.put("pad_token", in.string());
          default -> {}
        }
      }
    }
  }

  private static final class Normalizer {
    private ByteBuffer charsmap = ByteBuffer.allocate(0);
    private boolean dummyPrefix = true;
    private boolean removeExtraSpaces = true;
    private boolean escapeSpaces = true;

    void read(ByteBuffer message) throws IOException {
      ProtoReader in = new ProtoReader(message);
      for (int field = in.next(); field != 0; field = in.next()) {
        switch (field) {
          case 2 -> charsmap = in.bytes();
          case 3 -> dummyPrefix = in.bool();
          case 4 -> removeExtraSpaces = in.bool();
          case 5 -> escapeSpaces = in.bool();
          default -> {}
        }
      }
    }
  }
}
