package dev.quern.hub;

import dev.quern.hub.HubException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Hugging Face's cache on disk, shared with its Python library in both directions: {@code
 * models--owner--name/} with {@code refs/<revision>} (a file with a commit hash), {@code
 * snapshots/<commit>/} (relative links), {@code blobs/<etag>} (what they point to) and {@code
 * .no_exist/<commit>/<file>} (files known to be absent); locks lie in {@code .locks/} beside.
 */
record HubCache(Path root) {
  static final String FOLDER_PREFIX = "models--";
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final String TAG =
      """
      Signature: 8a477f597d28d172789f06886806bc55
      # This file marks a cache folder that backups may leave out.
      # See https://bford.info/cachedir/
      """;

  /** A revision's files, as far as they are here. */
  record Snapshot(String commit, Path folder) {}

  /** Repositories of models that have a folder here, sorted. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    if (!Files.isDirectory(root)) return names;
    try (var folders = Files.newDirectoryStream(root, FOLDER_PREFIX + "*")) {
      for (Path folder : folders) {
        String name =
            folder.getFileName().toString().substring(FOLDER_PREFIX.length()).replace("--", "/");
        if (RepoId.parse(name) != null && Files.isDirectory(folder)) names.add(name);
      }
    } catch (IOException e) {
      throw new HubException(Kind.LOCAL, root + ": cannot be listed: " + e.getMessage(), e);
    }
    Collections.sort(names);
    return names;
  }

  Path repository(RepoId id) {
    return root.resolve(id.folderName());
  }

  Path blob(RepoId id, String etag) {
    return repository(id).resolve("blobs").resolve(etag);
  }

  Path lock(RepoId id, String etag) {
    return root.resolve(".locks").resolve(id.folderName()).resolve(etag + ".lock");
  }

  private Path snapshotFolder(RepoId id, String commit) {
    return repository(id).resolve("snapshots").resolve(commit);
  }

  /**
   * The snapshot that a branch, tag or commit stands for, or null where it is not cached.
   *
   * @throws HubException when the revision cannot be one
   */
  Snapshot snapshot(RepoId id, String revision) {
    checkRevision(revision);
    String commit = revision;
    Path ref = repository(id).resolve("refs").resolve(revision);
    if (!isCommit(revision) && Files.isRegularFile(ref)) commit = readRef(ref);
    Path folder = snapshotFolder(id, commit);
    return Files.isDirectory(folder) ? new Snapshot(commit, folder) : null;
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  private static String readRef(Path ref) {
    try {
      String commit = Files.readString(ref, StandardCharsets.UTF_8).strip();
      if (!isCommit(commit))
        throw new HubException(
            Kind.LOCAL, ref + ": does not hold a commit hash; delete it and fetch the model again");
      return commit;
    } catch (IOException e) {
      throw new HubException(Kind.LOCAL, ref + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** A revision becomes part of a path, so it must not lead out of its folder. */
  static void checkRevision(String revision) {
    if (!RemoteFile.plainPath(revision) || revision.contains(" "))
      throw new HubException(
          Kind.INVALID, "revision '" + revision + "' is not a branch, tag or commit hash");
  }

  /** The files of a snapshot by path, without links whose blob is not here. */
  static Set<String> files(Path snapshot) {
    Set<String> files = new HashSet<>();
    try (var paths = Files.walk(snapshot)) {
      for (Path path : (Iterable<Path>) paths::iterator)
        if (Files.isRegularFile(path))
          files.add(snapshot.relativize(path).toString().replace('\\', '/'));
    } catch (IOException e) {
      throw new HubException(Kind.LOCAL, snapshot + ": cannot be listed: " + e.getMessage(), e);
    }
    return files;
  }

  /** Makes the folders that a download writes to. */
  void prepare(RepoId id, String commit) throws IOException {
    Files.createDirectories(repository(id).resolve("blobs"));
    Files.createDirectories(snapshotFolder(id, commit));
    Path tag = root.resolve("CACHEDIR.TAG");
    if (!Files.exists(tag)) Files.writeString(tag, TAG);
  }

  /** Whether a commit's file is here. */
  boolean has(RepoId id, String commit, RemoteFile file) {
    return Files.isRegularFile(snapshotFolder(id, commit).resolve(file.path()));
  }

  Snapshot snapshotOf(RepoId id, String commit) {
    return new Snapshot(commit, snapshotFolder(id, commit));
  }

  /** Links a file of a snapshot to its blob; where there are no links the blob is moved there. */
  void link(RepoId id, String commit, RemoteFile file) throws IOException {
    Path pointer = snapshotFolder(id, commit).resolve(file.path());
    Files.createDirectories(pointer.getParent());
    Path blob = blob(id, file.etag());
    Path target = pointer.getParent().relativize(blob);
    Path fresh = pointer.resolveSibling("." + UUID.randomUUID());
    try {
      Files.createSymbolicLink(fresh, target);
    } catch (UnsupportedOperationException e) {
      Files.move(blob, pointer, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    Files.move(fresh, pointer, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Notes which commit a branch or tag stands for. */
  void writeRef(RepoId id, String revision, String commit) throws IOException {
    if (revision.equals(commit)) return;
    Path ref = repository(id).resolve("refs").resolve(revision);
    if (Files.isRegularFile(ref) && Files.readString(ref).equals(commit)) return;
    Files.createDirectories(ref.getParent());
    Path fresh = ref.resolveSibling(ref.getFileName() + "." + UUID.randomUUID() + ".tmp");
    Files.writeString(fresh, commit);
    Files.move(fresh, ref, StandardCopyOption.ATOMIC_MOVE);
  }

  boolean hasRef(RepoId id, String revision) {
    return Files.isRegularFile(repository(id).resolve("refs").resolve(revision));
  }

  /** Notes that a commit has no such file. */
  void writeAbsent(RepoId id, String commit, String file) throws IOException {
    Path mark = repository(id).resolve(".no_exist").resolve(commit).resolve(file);
    Files.createDirectories(mark.getParent());
    try {
      Files.createFile(mark);
    } catch (FileAlreadyExistsException e) {
      // Known already.
    }
  }

  /** Bytes that a repository's blobs and files take on disk; links count nothing. */
  long bytes(RepoId id) {
    long[] bytes = new long[1];
    walk(
        repository(id),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) bytes[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }

  /** Deletes a repository and its locks; false where it was not here. */
  boolean delete(RepoId id) {
    Path repository = repository(id);
    if (!Files.isDirectory(repository, LinkOption.NOFOLLOW_LINKS)) return false;
    for (Path folder : List.of(repository, root.resolve(".locks").resolve(id.folderName())))
      if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) walk(folder, new Deleter());
    return true;
  }

  private static final class Deleter extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
      if (failure != null) throw failure;
      Files.delete(folder);
      return FileVisitResult.CONTINUE;
    }
  }

  private static void walk(Path folder, SimpleFileVisitor<Path> visitor) {
    try {
      Files.walkFileTree(folder, visitor);
    } catch (IOException e) {
      throw new HubException(Kind.LOCAL, folder + ": " + e.getMessage(), e);
    }
  }
}
