package dev.quern.checkpoint;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Chooses the safetensors files of a model's folder and gathers their tensors: the files that the
 * index names; else {@code model.safetensors}; else every {@code *.safetensors}, in natural order.
 * Mistral's {@code consolidated*} and adapters are other weights and never mixed in.
 */
final class SafetensorsFiles {
  private static final String INDEX = "model.safetensors.index.json";
  private static final String SINGLE = "model.safetensors";
  private static final NaturalOrder NATURAL = new NaturalOrder();

  private SafetensorsFiles() {}

  /** All tensors of the folder's model by name, in the order of files and bytes. */
  static Map<String, StoredTensor> open(Path folder) {
    if (!Files.isDirectory(folder)) throw new CheckpointException(folder + ": is not a folder");
    Path indexFile = folder.resolve(INDEX);
    if (Files.exists(indexFile)) return openSharded(folder, ShardIndex.read(indexFile));
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (String name : namesWithoutIndex(folder)) {
      for (StoredTensor tensor : Safetensors.open(folder.resolve(name))) {
        StoredTensor other = tensors.put(tensor.name(), tensor);
        if (other != null)
          throw new CheckpointException(
              "%s: tensor \"%s\" is also in %s, and no %s says which one counts"
                  .formatted(
                      tensor.file(), tensor.name(), other.file().getFileName().toString(), INDEX));
      }
    }
    return tensors;
  }

  private static Map<String, StoredTensor> openSharded(Path folder, ShardIndex index) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    TreeSet<String> names = new TreeSet<>(NATURAL);
    names.addAll(index.fileOf().values());
    for (String name : names) {
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file))
        throw new CheckpointException(file + ": is missing, and " + INDEX + " names it");
      for (StoredTensor tensor : Safetensors.open(file)) {
        String owner = index.fileOf().get(tensor.name());
        if (owner != null && !owner.equals(name)) continue;
        StoredTensor other = tensors.put(tensor.name(), tensor);
        if (other != null)
          throw new CheckpointException(
              "%s: tensor \"%s\" is also in %s, and %s names neither"
                  .formatted(
                      tensor.file(), tensor.name(), other.file().getFileName().toString(), INDEX));
      }
    }
    Map<String, String> absent = new HashMap<>(index.fileOf());
    absent.keySet().removeAll(tensors.keySet());
    if (!absent.isEmpty()) {
      String first = new TreeSet<>(absent.keySet()).first();
      throw new CheckpointException(
          "%s: %d tensor(s) are not where the index says, such as \"%s\" in %s"
              .formatted(index.file(), absent.size(), first, absent.get(first)));
    }
    return tensors;
  }

  private static List<String> namesWithoutIndex(Path folder) {
    if (Files.exists(folder.resolve(SINGLE))) return List.of(SINGLE);
    List<String> names = new ArrayList<>();
    List<String> others = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(".safetensors")
            && !name.startsWith("consolidated")
            && !name.startsWith("adapter_")) names.add(name);
        else if (name.matches(".*\\.(safetensors|bin|pt|pth|gguf)")) others.add(name);
      }
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
    names.sort(NATURAL);
    others.sort(NATURAL);
    if (names.isEmpty())
      throw new CheckpointException(
          folder
              + ": holds no model weights: no "
              + SINGLE
              + ", no "
              + INDEX
              + " and no other *.safetensors"
              + (others.isEmpty()
                  ? ""
                  : "; these are not supported yet: "
                      + String.join(", ", others.subList(0, Math.min(8, others.size()))))
              + ". --load-format dummy runs with random weights");
    return names;
  }
}
