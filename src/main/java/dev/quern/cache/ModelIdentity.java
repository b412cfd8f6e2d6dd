package dev.quern.cache;

import dev.quern.backend.DType;
import dev.quern.model.GenerationDefaults;
import dev.quern.model.ModelConfig;
import dev.quern.settings.EngineSettings;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a model's answers depend on beside the request, as names and short texts: two models with
 * the same identity give the same answers. Templates, configs and tokenizers count with all their
 * bytes, weights with their sizes and blocks from everywhere in them.
 *
 * @param commit of the hub; null where the model is a folder
 * @param config with what was laid over it
 * @param weights files; none for dummy weights
 * @param onCpu not on a GPU, whose sums are rounded in another order
 */
record ModelIdentity(
    QuernConfig settings,
    String commit,
    ModelConfig config,
    List<Path> weights,
    DType dtype,
    boolean onCpu,
    GenerationDefaults defaults,
    TextFiles text,
    EngineSettings engine)
    implements LoadedModel.Identity {
  private static final int BLOCK_BYTES = 1 << 10;
  private static final int BLOCKS = 2048;
  private static final int MIN_FILE_BLOCKS = 64;
  private static final int DIGEST_BYTES = 8;

  /** Files that a tokenizer may be read from, or that add to it. */
  private static final String TOKENIZER_FILES =
      "{tokenizer*,*.model,*.tiktoken,vocab.*,merges.txt,tekken.json,added_tokens.json,"
          + "special_tokens_map.json}";

  /** The same, with the files read once, when they are first asked for. */
  LoadedModel.Identity once() {
    return new LoadedModel.Identity() {
      private Map<String, String> found;

      @Override
      public synchronized Map<String, String> read() throws IOException {
        if (found == null) found = ModelIdentity.this.read();
        return found;
      }
    };
  }

  @Override
  public Map<String, String> read() throws IOException {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("model", settings.model().name());
    identity.put("served_model_name", settings.model().servedNames().getFirst());
    if (commit != null) identity.put("commit", commit);
    identity.put("config", digest(config.json()));
    identity.put("weights", weights.isEmpty() ? "dummy" : weightBlocks());
    identity.put("dtype", dtype.torchName());
    identity.put("device", device());
    identity.put("sampling defaults", defaults.toString());
    identity.put("tokenizer", tokenizer());
    identity.put(
        "chat template", text.templates() == null ? "none" : digest(text.templates().source()));
    identity.put("max_model_len", Integer.toString(engine.maxModelLen()));
    identity.put("seed", Long.toString(engine.seed()));
    settings.model().hfOverrides().ifPresent(o -> identity.put("hf_overrides", o));
    return identity;
  }

  private String device() {
    if (onCpu) return "cpu";
    return settings.device().batchInvariant() ? "cuda, batch-invariant" : "cuda";
  }

  private String tokenizer() throws IOException {
    if (text.folder() == null) return "none";
    MessageDigest digest = sha256();
    var matcher = text.folder().getFileSystem().getPathMatcher("glob:" + TOKENIZER_FILES);
    List<Path> files;
    try (Stream<Path> all = Files.list(text.folder())) {
      files = all.filter(f -> matcher.matches(f.getFileName())).sorted().toList();
    }
    for (Path file : files) {
      addName(digest, file);
      digest.update(Files.readAllBytes(file));
    }
    return settings.model().tokenizerMode() + " " + hex(digest);
  }

  /** Blocks so near to each other that every large tensor has some. */
  private String weightBlocks() throws IOException {
    MessageDigest digest = sha256();
    int blocks = Math.max(MIN_FILE_BLOCKS, BLOCKS / weights.size());
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    for (Path file : weights) {
      addName(digest, file);
      try (FileChannel channel = FileChannel.open(file)) {
        long size = channel.size();
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
        long step = Math.max(BLOCK_BYTES, (size - BLOCK_BYTES) / (blocks - 1));
        for (long at = 0; at < size; at += step) {
          channel.read(block.clear(), at);
          digest.update(block.flip());
        }
      }
    }
    return hex(digest);
  }

  private static void addName(MessageDigest digest, Path file) {
    digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String digest(String text) {
    MessageDigest digest = sha256();
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return hex(digest);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
