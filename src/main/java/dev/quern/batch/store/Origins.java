package dev.quern.batch.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What results that are joined were made from: models and settings, by their fingerprints. */
public final class Origins {
  private final Map<String, Manifest> manifests = new HashMap<>();
  private final Map<String, Long> lines = new TreeMap<>();

  /**
   * Takes in the manifest of a file of results, if there is one.
   *
   * @param results an output, what is there until it is complete, or a piece of a folder
   */
  public void addManifestOf(Disk disk, Path results) throws IOException {
    JobFiles whole = new JobFiles(results);
    Path beside = results.resolveSibling(whole.manifest().getFileName());
    Manifest manifest = ManifestFile.read(disk, whole.manifest());
    if (manifest == null && isPart(results)) manifest = ManifestFile.read(disk, beside);
    if (manifest != null) manifests.put(manifest.fingerprint(), manifest);
  }

  private static boolean isPart(Path results) {
    return FolderFiles.isSegment(results) || results.getFileName().toString().equals(JobFiles.LOG);
  }

  /** One more line of this origin. */
  public void count(String fingerprint) {
    lines.merge(fingerprint, 1L, Long::sum);
  }

  /** How many lines each has and in what they differ, a line each; empty where there is but one. */
  public String differences() {
    if (lines.size() < 2) return "";
    StringBuilder text = new StringBuilder();
    Manifest first = null;
    for (var origin : lines.entrySet()) {
      text.append(
          String.format(Locale.ROOT, "\n  %,d lines of %s", origin.getValue(), origin.getKey()));
      Manifest manifest = manifests.get(origin.getKey());
      if (manifest == null) text.append(", whose manifest is not there");
      else if (first == null) first = manifest;
      else text.append(first.differences(manifest).replace("\n", "\n  "));
    }
    return text.toString();
  }
}
