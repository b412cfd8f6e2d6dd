package dev.quern.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Models shipped as resources under {@code models/<name>/}, each with a {@code SHA256SUMS} that
 * lists its files.
 *
 * <p>Weights are mapped, so they must be files. Where the resources are files already they are used
 * in place; out of a jar they are extracted once per content: into a temporary folder, checked
 * against the sums, then renamed to a folder named by the hash of {@code SHA256SUMS}. A crash
 * leaves no half folder under that name, two processes end with one, another version gets another.
 */
final class BuiltInModels {
  private static final Set<String> NAMES = Set.of("quern/tales-5m");
  private static final String SUMS = "SHA256SUMS";

  private BuiltInModels() {}

  static Set<String> names() {
    return NAMES;
  }

  /** The folder of a built-in model, extracted where necessary. */
  static Path folder(String name, Environment environment) {
    String resources = "models/" + name + "/";
    URL sums = BuiltInModels.class.getClassLoader().getResource(resources + SUMS);
    if (sums == null)
      throw new HubException(
          HubException.Kind.LOCAL, "built-in model " + name + " is not part of this build");
    try {
      if (sums.getProtocol().equals("file")) return Path.of(sums.toURI()).getParent();
      return extracted(name, resources, environment);
    } catch (IOException | URISyntaxException e) {
      throw new HubException(
          HubException.Kind.LOCAL,
          "cannot extract built-in model " + name + ": " + e.getMessage(),
          e);
    }
  }

  /** As {@link #folder} when the resources are not files. */
  static Path extracted(String name, String resources, Environment environment) throws IOException {
    byte[] sums;
    try (InputStream in = open(resources + SUMS)) {
      sums = in.readAllBytes();
    }
    List<Sum> files = parse(sums);
    String version = HexFormat.of().formatHex(sha256().digest(sums)).substring(0, 16);
    Path parent = writableParent(environment).resolve(name.replace("/", "--"));
    Path target = parent.resolve(version);
    if (complete(target, files)) return target;

    Files.createDirectories(parent);
    Path partial = Files.createTempDirectory(parent, "." + version + "-");
    try {
      for (Sum file : files) extract(resources, file, partial);
      moveInto(partial, target, files);
    } finally {
      deleteFlat(partial);
    }
    return target;
  }

  /** One line of {@code SHA256SUMS}. */
  private record Sum(String sha256, String file) {}

  private static List<Sum> parse(byte[] sums) {
    List<Sum> files = new ArrayList<>();
    for (String line : new String(sums, StandardCharsets.UTF_8).split("\n")) {
      String[] fields = line.split(" +", 2);
      files.add(new Sum(fields[0], fields[1].strip()));
    }
    return files;
  }

  private static boolean complete(Path folder, List<Sum> files) {
    for (Sum file : files) if (!Files.isRegularFile(folder.resolve(file.file()))) return false;
    return true;
  }

  private static void extract(String resources, Sum file, Path into) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(open(resources + file.file()), digest)) {
      Files.copy(in, into.resolve(file.file()));
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(file.sha256()))
      throw new IOException(resources + file.file() + " does not match " + SUMS);
  }

  /** Puts a complete folder in place of none, or of one that somebody removed files from. */
  private static void moveInto(Path partial, Path target, List<Sum> files) throws IOException {
    try {
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException e) {
      if (complete(target, files)) return;
      if (!Files.isDirectory(target)) throw e;
      for (Sum file : files)
        Files.move(
            partial.resolve(file.file()),
            target.resolve(file.file()),
            StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void deleteFlat(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) return;
    try (var files = Files.newDirectoryStream(folder)) {
      for (Path file : files) Files.delete(file);
    }
    Files.delete(folder);
  }

  /**
   * The user's cache, or a private folder for temporary files where the cache cannot be written.
   */
  private static Path writableParent(Environment environment) throws IOException {
    Path cache = environment.userCache().resolve("quern").resolve("models");
    try {
      Files.createDirectories(cache);
      if (Files.isWritable(cache)) return cache;
    } catch (IOException e) {
      // A read-only or absent home is usual in containers.
    }
    return privateTemporary(environment.temporary());
  }

  /** In a folder that all users write to, only a folder that is ours may be believed. */
  private static Path privateTemporary(Path temporary) throws IOException {
    String user = System.getProperty("user.name");
    Path folder = temporary.resolve("quern-" + user.replaceAll("[^A-Za-z0-9_-]", "_"));
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS))
      return Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    boolean ours =
        Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
            && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(user)
            && Files.isWritable(folder);
    return ours ? folder : Files.createTempDirectory(temporary, "quern-");
  }

  private static InputStream open(String resource) throws IOException {
    InputStream in = BuiltInModels.class.getClassLoader().getResourceAsStream(resource);
    if (in == null) throw new IOException("resource " + resource + " is missing");
    return in;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
