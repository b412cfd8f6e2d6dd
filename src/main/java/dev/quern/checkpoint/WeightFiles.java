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
 * Chooses the weight files of a model's folder and gathers their tensors. The first format that has
 * any file wins; of it the files that the index names are taken; else the one file of a model in
 * one piece; else every file of the format, in natural order.
 */
final class WeightFiles {
  private static final NaturalOrder NATURAL = new NaturalOrder();

  private final Path folder;
  private final WeightFormat format;
  private final List<String> names;

  private WeightFiles(Path folder, WeightFormat format, List<String> names) {
    this.folder = folder;
    this.format = format;
    this.names = names;
  }

  /**
   * All tensors of the folder's model by name, in the order of files and bytes.
   *
   * @param formats to look for, in this order
   */
  static Map<String, StoredTensor> open(Path folder, List<WeightFormat> formats) {
    List<String> all = list(folder);
    for (WeightFormat format : formats) {
      if (all.contains(format.index())) return new WeightFiles(folder, format, List.of()).sharded();
      List<String> names = new ArrayList<>();
      for (String name : all) if (format.matches(name)) names.add(name);
      if (names.contains(format.single())) names = List.of(format.single());
      if (!names.isEmpty()) return new WeightFiles(folder, format, names).whole();
    }
    throw none(folder, formats, all);
  }

  private static List<String> list(Path folder) {
    if (!Files.isDirectory(folder)) throw new CheckpointException(folder + ": is not a folder");
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) names.add(file.getFileName().toString());
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
    names.sort(NATURAL);
    return names;
  }

  private Map<String, StoredTensor> whole() {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (String name : names)
      for (StoredTensor tensor : format.open(folder.resolve(name)))
        add(tensor, tensors, "no " + format.index() + " says which one counts");
    return tensors;
  }

  private Map<String, StoredTensor> sharded() {
    ShardIndex index = ShardIndex.read(folder.resolve(format.index()));
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    TreeSet<String> shards = new TreeSet<>(NATURAL);
    shards.addAll(index.fileOf().values());
    for (String name : shards) {
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file))
        throw new CheckpointException(file + ": is missing, and " + format.index() + " names it");
      for (StoredTensor tensor : format.open(file)) {
        String owner = index.fileOf().get(tensor.name());
        if (owner == null || owner.equals(name))
          add(tensor, tensors, format.index() + " names neither");
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

  private static void add(StoredTensor tensor, Map<String, StoredTensor> tensors, String why) {
    StoredTensor other = tensors.put(tensor.name(), tensor);
    if (other != null)
      throw new CheckpointException(
          "%s: tensor \"%s\" is also in %s, and %s"
              .formatted(tensor.file(), tensor.name(), other.file().getFileName().toString(), why));
  }

  private static CheckpointException none(
      Path folder, List<WeightFormat> formats, List<String> all) {
    StringBuilder text = new StringBuilder(folder + ": holds no model weights: ");
    String comma = "";
    for (WeightFormat format : formats) {
      text.append(comma).append("no ").append(format.pattern());
      comma = ", ";
    }
    List<String> others = new ArrayList<>();
    for (String name : all)
      if (name.matches(".*\\.(safetensors|bin|pt|pth|gguf)")) others.add(name);
    if (!others.isEmpty())
      text.append("; there are ")
          .append(String.join(", ", others.subList(0, Math.min(8, others.size()))))
          .append(", which --load-format does not ask for or which are not supported yet");
    text.append(". --load-format dummy runs with random weights");
    return new CheckpointException(text.toString());
  }
}
