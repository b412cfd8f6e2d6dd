package dev.quern.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Hugging Face's cache on disk, shared with its Python library: {@code models--owner--name/} with
 * {@code refs/<revision>} (a file with a commit hash), {@code snapshots/<commit>/} (links) and
 * {@code blobs/} (what they point to).
 */
record HubCache(Path root) {
  static final String FOLDER_PREFIX = "models--";
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** A revision's files, as far as they are here. */
  record Snapshot(String commit, Path folder) {}

  Path repository(RepoId id) {
    return root.resolve(id.folderName());
  }

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
      throw new HubException(root + ": cannot be listed: " + e.getMessage(), e);
    }
    Collections.sort(names);
    return names;
  }

  /**
   * The snapshot that a branch, tag or commit stands for, or null where it is not cached.
   *
   * @throws HubException when the revision cannot be one
   */
  Snapshot snapshot(RepoId id, String revision) {
    checkRevision(revision);
    Path repository = repository(id);
    String commit = revision;
    Path ref = repository.resolve("refs").resolve(revision);
    if (!COMMIT.matcher(revision).matches() && Files.isRegularFile(ref)) commit = readRef(ref);
    Path folder = repository.resolve("snapshots").resolve(commit);
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
            ref + ": does not hold a commit hash; delete it and fetch the model again");
      return commit;
    } catch (IOException e) {
      throw new HubException(ref + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** A revision becomes part of a path, so it must not lead out of its folder. */
  private static void checkRevision(String revision) {
    boolean plain =
        !revision.isEmpty()
            && revision.length() <= 255
            && revision.chars().noneMatch(c -> c <= ' ' || c == '\\' || c == 127);
    for (String part : revision.split("/", -1))
      if (part.isEmpty() || part.equals(".") || part.equals("..")) plain = false;
    if (!plain)
      throw new HubException("revision '" + revision + "' is not a branch, tag or commit hash");
  }
}
