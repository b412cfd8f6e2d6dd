package dev.quern.cache;

import dev.quern.hub.ModelFiles;
import dev.quern.settings.EngineSettings;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
 * the same identity give the same answers. Small files are hashed whole, of weights only their
 * sizes, headers and some blocks.
 */
final class ModelIdentity {
  private static final int BLOCK_BYTES = 1 << 16;
  private static final int BLOCKS = 8;

  private ModelIdentity() {}

  static Map<String, String> of(
      QuernConfig config, ModelFiles files, String dtype, String device, EngineSettings settings) {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("model", config.model().name());
    if (files.commit() != null) identity.put("commit", files.commit());
    identity.put("config", digest(files.folder(), "config.json"));
    identity.put("weights", weights(config, files.folder()));
    identity.put("dtype", dtype);
    identity.put("device", device);
    identity.put(
        "sampling defaults",
        config.model().generationConfig() + " " + digest(files.folder(), "generation_config.json"));
    identity.put("tokenizer", tokenizer(config, files.folder()));
    identity.put(
        "chat template",
        config.chat().chatTemplate().map(ModelIdentity::text).orElse("")
            + digest(files.folder(), "tokenizer_config.json", "chat_template.*"));
    identity.put("max_model_len", Integer.toString(settings.maxModelLen()));
    identity.put("seed", Long.toString(settings.seed()));
    config.model().hfOverrides().ifPresent(o -> identity.put("hf_overrides", o));
    return identity;
  }

  private static String weights(QuernConfig config, Path folder) {
    return config.model().loadFormat().equals("dummy")
        ? "dummy"
        : digest(folder, "*.safetensors", "*.bin");
  }

  private static String tokenizer(QuernConfig config, Path folder) {
    if (config.model().skipTokenizerInit()) return "none";
    return config
        .model()
        .tokenizer()
        .map(name -> name + "@" + config.model().tokenizerRevision().orElse("main"))
        .orElseGet(() -> digest(folder, "tokenizer.json", "tokenizer.model", "vocab.*"));
  }

  /** A template given by its text or its file. */
  private static String text(String template) {
    Path file = Path.of(template.length() < 1000 && !template.contains("{") ? template : ".");
    if (Files.isRegularFile(file))
      return digest(file.toAbsolutePath().getParent(), "" + file.getFileName());
    return HexFormat.of().formatHex(sha256().digest(template.getBytes()), 0, 8);
  }

  /** Of the folder's files with these names, {@code none} where there are none. */
  private static String digest(Path folder, String... names) {
    MessageDigest digest = sha256();
    boolean any = false;
    for (String name : names) {
      for (Path file : matching(folder, name)) {
        any = true;
        add(digest, file);
      }
    }
    return any ? HexFormat.of().formatHex(digest.digest(), 0, 8) : "none";
  }

  private static List<Path> matching(Path folder, String glob) {
    var matcher = folder.getFileSystem().getPathMatcher("glob:" + glob);
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> matcher.matches(f.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void add(MessageDigest digest, Path file) {
    digest.update(file.getFileName().toString().getBytes());
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
      ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
      boolean whole = size <= (long) BLOCKS * BLOCK_BYTES;
      long step = whole ? BLOCK_BYTES : (size - BLOCK_BYTES) / (BLOCKS - 1);
      for (long at = 0; at < size; at += step) {
        channel.read(block.clear(), at);
        digest.update(block.flip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
