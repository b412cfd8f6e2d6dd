package dev.quern.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Text to token ids and back, by the {@code tokenizer.json} of a Hugging Face folder and the Rust
 * tokenizers library. A folder without that file has its other vocabulary converted to one.
 *
 * <p>Thread-safe. Nothing is truncated or padded whatever the file says. The native object lives
 * until {@link #close} and the last call under way have returned; {@code uses} counts the calls,
 * plus one for being open.
 */
public final class Tokenizer implements AutoCloseable {
  private final TokenizersLibrary library;
  private final long handle;
  private final Path file;
  private final AddedTokens added;
  private final TokenizerConfig config;
  private final UnaryOperator<String> prepare;
  private final AtomicInteger uses = new AtomicInteger(1);
  private final AtomicInteger closed = new AtomicInteger();
  private volatile Vocabulary vocabulary;

  private Tokenizer(
      TokenizersLibrary library,
      long handle,
      Path file,
      AddedTokens added,
      TokenizerConfig config,
      UnaryOperator<String> prepare) {
    this.library = library;
    this.handle = handle;
    this.file = file;
    this.added = added;
    this.config = config;
    this.prepare = prepare;
  }

  /** Opens the tokenizer of a model folder in the mode {@link TokenizerMode#AUTO}. */
  public static Tokenizer open(Path folder) throws IOException {
    return open(folder, TokenizerMode.AUTO);
  }

  /**
   * Opens the tokenizer of a model folder.
   *
   * @throws IOException where the folder has none of the mode, where a file of it cannot be read or
   *     understood, or where it cannot be converted exactly; the message names the file
   */
  public static Tokenizer open(Path folder, TokenizerMode mode) throws IOException {
    TokenizerFiles files = TokenizerFiles.choose(folder, mode);
    TokenizerConfig config = TokenizerConfig.read(folder);
    if (files.form() == TokenizerFiles.Form.LIBRARY) {
      byte[] json = Files.readAllBytes(files.file());
      return open(files.file(), json, config, UnaryOperator.identity(), null);
    }
    Conversion made = files.convert(TokenizerFolder.read(folder));
    return open(
        made.source(),
        made.json(),
        config.withDefaults(made.named()),
        made.prepare(),
        Vocabulary.of(made.vocabulary()));
  }

  private static Tokenizer open(
      Path file,
      byte[] json,
      TokenizerConfig config,
      UnaryOperator<String> prepare,
      Vocabulary vocabulary)
      throws IOException {
    AddedTokens added = AddedTokens.read(file, json);
    added.markSpecial(config.extraSpecial());
    TokenizersLibrary library = NativeTokenizers.library();
    long handle;
    try {
      handle = library.createTokenizerFromString(new String(json, StandardCharsets.UTF_8));
    } catch (RuntimeException e) {
      throw new IOException(file + ": not a tokenizer that can be read: " + e.getMessage(), e);
    }
    library.disableTruncation(handle);
    library.disablePadding(handle);
    Tokenizer tokenizer = new Tokenizer(library, handle, file, added, config, prepare);
    tokenizer.vocabulary = vocabulary;
    return tokenizer;
  }

  /**
   * The ids of a text; special tokens written in the text are recognised, those of the model's
   * frame are added on request.
   */
  public int[] encode(String text, boolean addSpecialTokens) {
    String prepared = prepare.apply(text);
    acquire();
    try {
      return ids(library.encode(handle, prepared, addSpecialTokens));
    } finally {
      release();
    }
  }

  /** The ids of each text, encoded in parallel. */
  public int[][] encodeBatch(String[] texts, boolean addSpecialTokens) {
    String[] prepared = new String[texts.length];
    for (int i = 0; i < texts.length; i++) prepared[i] = prepare.apply(texts[i]);
    acquire();
    try {
      long[] encodings = library.batchEncode(handle, prepared, addSpecialTokens);
      int[][] batch = new int[encodings.length][];
      for (int i = 0; i < encodings.length; i++) batch[i] = ids(encodings[i]);
      return batch;
    } finally {
      release();
    }
  }

  private int[] ids(long encoding) {
    long[] wide = library.getTokenIds(encoding);
    library.deleteEncoding(encoding);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) ids[i] = (int) wide[i];
    return ids;
  }

  /** The text of the ids; an id out of the vocabulary has none. */
  public String decode(int[] ids, boolean skipSpecialTokens) {
    return decode(ids, 0, ids.length, skipSpecialTokens);
  }

  /** The text of {@code ids[from, to)}. */
  public String decode(int[] ids, int from, int to, boolean skipSpecialTokens) {
    long[] wide = new long[to - from];
    int count = 0;
    for (int i = from; i < to; i++) {
      // The library skips only what tokenizer.json marks; the other files may declare more.
      if (!skipSpecialTokens || !isSpecial(ids[i])) wide[count++] = ids[i];
    }
    acquire();
    try {
      return library.decode(
          handle, count == wide.length ? wide : Arrays.copyOf(wide, count), false);
    } finally {
      release();
    }
  }

  /** The id of a vocabulary piece or special token, or -1. */
  public int tokenId(String token) {
    Integer id = added.ids().get(token);
    return id != null ? id : vocabulary().id(token);
  }

  /** The vocabulary piece of an id as the file writes it, or null where the id has none. */
  public String token(int id) {
    String text = added.texts().get(id);
    return text != null ? text : vocabulary().piece(id);
  }

  /** Count of pieces, added tokens included. */
  public int vocabularySize() {
    return vocabulary().size();
  }

  /** The largest id that has a piece, or -1 where there is none. */
  public int maxTokenId() {
    return vocabulary().maxId();
  }

  /** Whether the id is a special token, which decoding can skip. */
  public boolean isSpecial(int id) {
    return id >= 0 && added.special().get(id);
  }

  /** Whether the id stands in the file's list of added tokens, special or not. */
  boolean isAdded(int id) {
    return added.texts().containsKey(id);
  }

  public int bosTokenId() {
    return namedTokenId("bos_token");
  }

  public int eosTokenId() {
    return namedTokenId("eos_token");
  }

  public int padTokenId() {
    return namedTokenId("pad_token");
  }

  private int namedTokenId(String name) {
    String token = config.specialTokens().get(name);
    return token == null ? -1 : tokenId(token);
  }

  /**
   * The text of the named special tokens: {@code bos_token}, {@code eos_token}, {@code unk_token},
   * {@code pad_token}, …; immutable.
   */
  public Map<String, String> specialTokens() {
    return config.specialTokens();
  }

  /** The longest input in tokens that the tokenizer's own files name, or -1. */
  public int modelMaxLength() {
    return config.modelMaxLength();
  }

  /** The folder's file, for messages. */
  @Override
  public String toString() {
    return "Tokenizer[" + file + "]";
  }

  private Vocabulary vocabulary() {
    Vocabulary known = vocabulary;
    if (known != null) return known;
    synchronized (added) {
      if (vocabulary == null) {
        try {
          vocabulary = Vocabulary.read(JsonTree.FACTORY.createParser(file.toFile()), added);
        } catch (IOException e) {
          throw new UncheckedIOException(
              file + ": cannot read its vocabulary: " + e.getMessage(), e);
        }
      }
      return vocabulary;
    }
  }

  private void acquire() {
    if (uses.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0)
      throw new IllegalStateException(this + " is closed");
  }

  private void release() {
    if (uses.decrementAndGet() == 0) library.deleteTokenizer(handle);
  }

  /** Frees the native object once no call uses it; further calls fail. */
  @Override
  public void close() {
    if (closed.getAndSet(1) == 0) release();
  }
}
