package dev.quern.checkpoint;

import dev.quern.model.WeightPlan;
import dev.quern.model.WeightSlot;
import dev.quern.model.WeightSlot.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Matches the names that a plan wants to the tensors that a checkpoint has, strictly: everything
 * that is missing, left over, of another shape or of a type that cannot be a weight is found before
 * anything is loaded, and all of it is reported at once.
 *
 * <p>A checkpoint may carry or lack a prefix before its names; the one that leaves the fewest names
 * missing is taken for all of them, and a name that is there unchanged always counts.
 */
final class TensorMatch {
  /** Names listed per kind of problem. */
  private static final int LISTED = 20;

  private final Checkpoint.Stored checkpoint;
  private final Map<String, StoredTensor> byPlanName = new HashMap<>();
  private final List<String> missing = new ArrayList<>();
  private final List<String> misshaped = new ArrayList<>();
  private final List<String> untyped = new ArrayList<>();
  private final List<String> unexpected = new ArrayList<>();

  /**
   * @throws CheckpointException lists every tensor that does not fit
   */
  TensorMatch(WeightPlan plan, Checkpoint.Stored checkpoint) {
    this.checkpoint = checkpoint;
    Naming naming = bestNaming(plan);
    for (WeightSlot slot : plan.slots()) for (Source source : slot.sources()) match(source, naming);
    findUnexpected(plan);
    if (!missing.isEmpty() || !misshaped.isEmpty() || !untyped.isEmpty() || !unexpected.isEmpty())
      throw mismatch();
  }

  /** The tensor for a source of the plan. */
  StoredTensor of(Source source) {
    return byPlanName.get(source.tensor());
  }

  private void match(Source source, Naming naming) {
    if (byPlanName.containsKey(source.tensor())) return;
    StoredTensor tensor = naming.find(source.tensor(), checkpoint);
    byPlanName.put(source.tensor(), tensor);
    if (tensor == null) {
      missing.add(
          "%s [%d, %d]".formatted(source.tensor(), source.storedRows(), source.storedCols()));
      return;
    }
    if (!fits(tensor.shape(), source))
      misshaped.add(
          tensor.name()
              + " is "
              + tensor.shapeText()
              + ", the config asks for "
              + (source.storedRows() == 1
                  ? "[" + source.storedCols() + "]"
                  : "[" + source.storedRows() + ", " + source.storedCols() + "]"));
    else if (tensor.type().dtype() == null) untyped.add(tensor.name() + " is " + tensor.type());
  }

  private static boolean fits(long[] shape, Source source) {
    return switch (shape.length) {
      case 0 -> source.storedRows() == 1 && source.storedCols() == 1;
      case 1 -> source.storedRows() == 1 && shape[0] == source.storedCols();
      case 2 -> shape[0] == source.storedRows() && shape[1] == source.storedCols();
      default -> false;
    };
  }

  private void findUnexpected(WeightPlan plan) {
    Set<String> used = new HashSet<>();
    for (StoredTensor tensor : byPlanName.values()) if (tensor != null) used.add(tensor.name());
    for (StoredTensor tensor : checkpoint.tensors().values())
      if (!used.contains(tensor.name()) && !ignored(tensor.name(), plan.ignored()))
        unexpected.add(tensor.name() + " " + tensor.shapeText());
  }

  private static boolean ignored(String name, List<Pattern> patterns) {
    for (Pattern pattern : patterns) if (pattern.matcher(name).matches()) return true;
    return false;
  }

  /** How names of the plan are spelled in the checkpoint. */
  private record Naming(String remove, String add) {
    StoredTensor find(String name, Checkpoint.Stored checkpoint) {
      StoredTensor tensor = checkpoint.get(name);
      if (tensor != null) return tensor;
      if (!remove.isEmpty() && name.startsWith(remove))
        return checkpoint.get(name.substring(remove.length()));
      return add.isEmpty() ? null : checkpoint.get(add + name);
    }
  }

  private Naming bestNaming(WeightPlan plan) {
    List<Naming> namings = new ArrayList<>();
    namings.add(new Naming("", ""));
    for (String prefix : plan.prefixes()) {
      namings.add(new Naming(prefix, ""));
      namings.add(new Naming("", prefix));
    }
    Naming best = null;
    int fewest = Integer.MAX_VALUE;
    for (Naming naming : namings) {
      int absent = 0;
      for (WeightSlot slot : plan.slots())
        for (Source source : slot.sources())
          if (naming.find(source.tensor(), checkpoint) == null) absent++;
      if (absent < fewest) {
        fewest = absent;
        best = naming;
      }
    }
    return best;
  }

  private CheckpointException mismatch() {
    StringBuilder text = new StringBuilder();
    text.append(checkpoint.folder()).append(": the weights do not fit config.json");
    list(text, "missing", missing);
    list(text, "unexpected", unexpected);
    list(text, "of another shape", misshaped);
    list(text, "of a type that is not supported as a weight", untyped);
    return new CheckpointException(text.toString());
  }

  private static void list(StringBuilder text, String what, List<String> names) {
    if (names.isEmpty()) return;
    text.append("\n  ").append(names.size()).append(" tensor(s) ").append(what).append(": ");
    text.append(String.join("; ", names.subList(0, Math.min(LISTED, names.size()))));
    if (names.size() > LISTED) text.append("; and ").append(names.size() - LISTED).append(" more");
  }
}
