package dev.quern.batch.store;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/** The names of a {@link SimDisk}'s files, and which of them a power cut may undo. */
final class SimNames {
  private final Map<Path, SimContent> files = new TreeMap<>();

  /** Names as they were at the last sync of their folder; null for a file that was not there. */
  private final Map<Path, SimContent> unsynced = new HashMap<>();

  private final Map<Path, Path> movedFrom = new HashMap<>();

  /** Null when there is no such file. */
  SimContent get(Path path) {
    return files.get(path);
  }

  Collection<SimContent> contents() {
    return files.values();
  }

  /** What stands in a folder: files, and folders that files are in. */
  List<Path> in(Path folder) {
    TreeSet<Path> found = new TreeSet<>();
    for (Path file : files.keySet())
      if (file.startsWith(folder)) found.add(folder.resolve(folder.relativize(file).getName(0)));
    return List.copyOf(found);
  }

  void put(Path path, SimContent content) {
    if (!unsynced.containsKey(path)) unsynced.put(path, files.get(path));
    files.put(path, content);
  }

  void remove(Path path) {
    if (!unsynced.containsKey(path)) unsynced.put(path, files.get(path));
    files.remove(path);
  }

  /** After a power cut it must be found under one of its names at least: both undo together. */
  void move(Path from, Path to) {
    put(to, files.get(from));
    files.remove(from);
    movedFrom.put(to, from);
  }

  void sync(Path folder) {
    unsynced.keySet().removeIf(path -> folder.equals(path.getParent()));
    movedFrom.keySet().removeIf(path -> folder.equals(path.getParent()));
  }

  void syncAll() {
    unsynced.clear();
    movedFrom.clear();
  }

  void cutPower(Random random) {
    unsynced.forEach(
        (path, before) -> {
          if (random.nextBoolean()) return;
          SimContent lost = before == null ? files.remove(path) : files.put(path, before);
          Path from = movedFrom.get(path);
          if (from != null && lost != null) files.putIfAbsent(from, lost);
        });
  }
}
