package dev.quern.check;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The whole of {@code quern check} on one device, and between all GPUs, as a table. */
public final class DeviceCheck {
  /** The model that both devices run in any case. */
  public static final String MODEL = "quern/tales-5m";

  private static final String TEXT =
      "Once upon a time there was a little girl named Lily. She lived in a small house near the"
          + " forest with her mother and her old dog. One sunny morning she found a shiny red ball"
          + " under a tree. \"Whose ball is this?\" she asked. The dog barked and ran in a circle."
          + " Lily threw the ball, and the dog brought it back again and again. Then a boy came"
          + " down the path. He was sad because he had lost his toy. \"Is this yours?\" said Lily."
          + " The boy smiled and nodded. They played together all day, and when the sun went down"
          + " they were the best of friends.";

  /**
   * @param device opens the device with activations of a type
   * @param flag its name for {@code --device}
   * @param dtypes to check
   * @param draws sampled tokens to compare
   * @param models that both devices run
   * @param gpus that are there, for the collectives between them; 0 leaves these out
   */
  public record Plan(
      Function<DType, Backend> device,
      Function<DType, Backend> oracle,
      String flag,
      List<DType> dtypes,
      int draws,
      List<String> models,
      int gpus) {}

  private DeviceCheck() {}

  /**
   * Runs all comparisons.
   *
   * @return whether all passed
   */
  public static boolean run(Plan plan, PrintStream out) throws InterruptedException {
    List<OpCheck.Row> failed = new ArrayList<>();
    int[] count = {0};
    for (DType dtype : plan.dtypes()) {
      try (Backend oracle = plan.oracle().apply(dtype);
          Backend device = plan.device().apply(dtype)) {
        out.printf(
            "%s against %s, %s%n", device.description(), oracle.description(), dtype.torchName());
        OpCheck.run(device, oracle, dtype, row -> print(row, out, failed, count));
        if (dtype == plan.dtypes().getFirst()) {
          DrawCheck.run(device, oracle, plan.draws(), row -> print(row, out, failed, count));
        }
      }
      for (String model : plan.models()) {
        ModelCheck.run(model, plan.flag(), dtype, TEXT, row -> print(row, out, failed, count));
      }
    }
    if (plan.gpus() > 0) {
      CollectiveCheck.run(plan.gpus(), plan.dtypes(), out, row -> print(row, out, failed, count));
    }
    out.printf("%d comparisons, %d failed%n", count[0], failed.size());
    for (OpCheck.Row row : failed) {
      out.println(line(row));
    }
    return failed.isEmpty();
  }

  private static void print(
      OpCheck.Row row, PrintStream out, List<OpCheck.Row> failed, int[] count) {
    count[0]++;
    if (!row.passed()) {
      failed.add(row);
    }
    out.println(line(row));
  }

  private static String line(OpCheck.Row row) {
    return String.format(
        Locale.ROOT,
        "%-4s %-52s %-8s %9.2e (limit %.0e)",
        row.passed() ? "ok" : "FAIL",
        row.name(),
        row.dtype().torchName(),
        row.error(),
        row.limit());
  }
}
