package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.batch.store.Manifest;
import dev.quern.batch.store.Packing;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The lines' file: a path, {@code -} for standard input, or an http(s) address, which is fetched
 * first. What is no regular file is a stream: it is read once, from its beginning.
 */
final class Input implements Closeable {
  private static final int SAMPLES = 64;
  private static final int SAMPLE_BYTES = 4096;

  private final Path file; // null for standard input
  private final boolean fetched;
  private final boolean stream;
  private final Packing packing;
  private InputStream opened;

  private Input(Path file, boolean fetched, String name) {
    this.file = file;
    this.fetched = fetched;
    this.stream = file == null || !Files.isRegularFile(file);
    this.packing = Packing.of(name);
  }

  /**
   * @param scratch where what is fetched goes
   * @throws InputException with a message for the user
   */
  static Input open(String input, Path scratch) throws IOException {
    if (input.equals("-")) return of(new FileInputStream(FileDescriptor.in));
    if (HttpFiles.isAddress(input))
      return new Input(HttpFiles.fetch(input, scratch), true, HttpFiles.path(input));
    Path path = Path.of(input);
    if (Files.isDirectory(path)) throw new InputException("input " + path + " is a folder", null);
    if (!Files.exists(path)) throw new InputException("input " + path + " does not exist", null);
    if (!Files.isReadable(path))
      throw new InputException("input " + path + " cannot be read", null);
    return new Input(path, false, input);
  }

  static Input of(InputStream stream) {
    Input input = new Input(null, false, "-");
    input.opened = stream;
    return input;
  }

  /** Its lines are known by their text alone. */
  boolean isStream() {
    return stream;
  }

  /** Null for standard input. */
  Path file() {
    return file;
  }

  /** Null where that is not known before the end. */
  Long lineBytes() throws IOException {
    return stream || packing != Packing.NONE ? null : (Long) Files.size(file);
  }

  /** Seconds since 1970 when the file was last changed; for a stream that is now. */
  long modifiedSeconds() throws IOException {
    return stream || fetched
        ? System.currentTimeMillis() / 1000
        : Files.getLastModifiedTime(file).toMillis() / 1000;
  }

  /** What the file looks like without reading all of it; nothing of a stream. */
  Map<String, String> identity() throws IOException {
    Map<String, String> identity = new LinkedHashMap<>();
    if (stream) return identity;
    identity.put("bytes", Long.toString(Files.size(file)));
    if (!fetched)
      identity.put(Manifest.INPUT_TIME, Files.getLastModifiedTime(file).toInstant().toString());
    identity.put("blocks", sampled());
    return identity;
  }

  /** A hash of blocks spread evenly over the file, its first and last among them. */
  private String sampled() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long size = channel.size();
      ByteBuffer block = ByteBuffer.allocate(SAMPLE_BYTES);
      for (int i = 0; i < SAMPLES; i++) {
        long last = Math.max(0, size - SAMPLE_BYTES);
        channel.read(
            block.clear(), last / (SAMPLES - 1) * i + last % (SAMPLES - 1) * i / (SAMPLES - 1));
        digest.update(block.flip());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens the unpacked lines. */
  InputStream read(Frontier from) throws IOException {
    if (file == null) return opened;
    try {
      InputStream in = Files.newInputStream(file);
      opened = in;
      if (packing == Packing.NONE) in.skipNBytes(from.offset());
      else {
        opened = packing.unpack(in);
        opened.skipNBytes(from.offset());
      }
      return opened;
    } catch (NoSuchFileException e) {
      throw new InputException("input " + file + " does not exist", e);
    }
  }

  @Override
  public void close() throws IOException {
    if (opened != null) opened.close();
    if (fetched) Files.deleteIfExists(file);
  }
}
