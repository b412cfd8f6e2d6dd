package dev.quern.text;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Properties;
import java.util.UUID;
import java.util.jar.JarEntry;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * The native library inside the tokenizers jar, and its place in a folder on disk.
 *
 * <p>The file's name on disk carries version, platform, length and checksum of its content, so that
 * processes of different versions never share a file. It is written beside its place and moved
 * there in one step: whoever sees the name sees the whole file, and two processes that extract at
 * once write the same bytes.
 *
 * @param resource the resource inside the jar
 * @param name the file name on disk
 * @param bytes length of the content
 */
record LibraryFile(URL resource, String name, long bytes) {

  static LibraryFile ofThisPlatform(ClassLoader loader) throws IOException {
    String platform = platform();
    String file = platform.startsWith("osx") ? "libtokenizers.dylib" : "libtokenizers.so";
    URL resource = loader.getResource("native/lib/" + platform + "/cpu/" + file);
    if (resource == null)
      throw new FileNotFoundException("the tokenizers jar has no library for " + platform);
    Content content = content(resource);
    String suffix = file.substring(file.indexOf('.'));
    String name =
        String.join(
                "-",
                "tokenizers",
                version(loader),
                platform,
                Long.toString(content.bytes),
                HexFormat.of().toHexDigits((int) content.crc))
            + suffix;
    return new LibraryFile(resource, name, content.bytes);
  }

  /** Makes sure that {@code folder} holds the library, and returns its path there. */
  Path extractedTo(Path folder) throws IOException {
    Path target = folder.resolve(name);
    if (Files.isRegularFile(target) && Files.size(target) == bytes) return target;
    Files.createDirectories(folder);
    Path partial = folder.resolve(name + "." + UUID.randomUUID() + ".part");
    try {
      try (InputStream in = open(resource).getInputStream();
          FileChannel channel =
              FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream out = Channels.newOutputStream(channel)) {
        in.transferTo(out);
        channel.force(true);
      }
      if (Files.size(partial) != bytes) throw new IOException(resource + " is cut short");
      Files.move(
          partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
    return target;
  }

  /** The per-user cache: {@code $XDG_CACHE_HOME/quern/native}, or {@code ~/.cache/quern/native}. */
  static Path userCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path cache =
        xdg != null && Path.of(xdg).isAbsolute()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache");
    return cache.resolve("quern").resolve("native");
  }

  private record Content(long bytes, long crc) {}

  /**
   * A jar's directory knows length and checksum of an entry, so that nothing is inflated on a warm
   * start.
   */
  private static Content content(URL resource) throws IOException {
    URLConnection connection = open(resource);
    if (connection instanceof JarURLConnection jar) {
      JarEntry entry = jar.getJarEntry();
      if (entry != null && entry.getSize() > 0 && entry.getCrc() >= 0)
        return new Content(entry.getSize(), entry.getCrc());
    }
    try (CheckedInputStream in = new CheckedInputStream(connection.getInputStream(), new CRC32())) {
      long bytes = in.transferTo(OutputStream.nullOutputStream());
      return new Content(bytes, in.getChecksum().getValue());
    }
  }

  private static URLConnection open(URL resource) throws IOException {
    return resource.openConnection();
  }

  private static String version(ClassLoader loader) throws IOException {
    try (InputStream in = loader.getResourceAsStream("native/lib/tokenizers.properties")) {
      if (in == null)
        throw new FileNotFoundException(
            "the tokenizers jar has no native/lib/tokenizers.properties");
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "unknown");
    }
  }

  private static String platform() throws IOException {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    String machine = arch.equals("amd64") ? "x86_64" : arch;
    if (os.startsWith("linux")) return "linux-" + machine;
    if (os.startsWith("mac")) return "osx-" + machine;
    throw new IOException(
        "no tokenizers library for " + os + " on " + arch + " (Linux and macOS have one)");
  }
}
