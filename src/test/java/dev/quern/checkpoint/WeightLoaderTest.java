package dev.quern.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.DType;
import dev.quern.backend.Norm;
import dev.quern.backend.WeightPart;
import dev.quern.model.ModelSpec;
import dev.quern.model.NormSpec;
import dev.quern.model.WeightPlan;
import dev.quern.model.WeightSlot;
import dev.quern.model.WeightSlot.Kind;
import dev.quern.model.WeightSlot.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightLoaderTest {
  @TempDir Path folder;
  private final RecordingBackend backend = new RecordingBackend();

  private static final ModelSpec SPEC = spec(NormSpec.rms(1e-6));

  private static ModelSpec spec(NormSpec finalNorm) {
    return new ModelSpec(
        "A", "a", DType.BF16, 3, 4, 16, 1, null, 0, 0, List.of(), finalNorm, true, false, 1, 0);
  }

  private static final WeightSlot EMBED =
      new WeightSlot("embed", Kind.MATRIX, 4, 3, List.of(Source.whole("model.embed", 4, 3)));
  private static final WeightSlot QK =
      new WeightSlot(
          "qk",
          Kind.MATRIX,
          3,
          3,
          List.of(Source.whole("model.q", 2, 3), Source.whole("model.k", 1, 3)));
  private static final WeightSlot NORM =
      new WeightSlot("norm", Kind.NORM, 1, 3, List.of(Source.vector("model.norm", 3)));

  private static WeightPlan plan(WeightSlot... slots) {
    return new WeightPlan(
        List.of(slots), List.of(Pattern.compile(".*inv_freq")), List.of("model.", "outer."));
  }

  private static SafetensorsBytes tensors(String prefix) {
    return new SafetensorsBytes()
        .counting(prefix + "k", 100, 1, 3)
        .counting(prefix + "norm", 200, 3)
        .counting(prefix + "embed", 0, 4, 3)
        .counting(prefix + "q", 50, 2, 3)
        .counting("layers.0.inv_freq", 0, 8);
  }

  private LoadedWeights load(WeightPlan plan) {
    return WeightLoader.loadAndReport(
        plan, Checkpoint.open(folder, LoadFormat.AUTO), SPEC, backend);
  }

  private void assertLoads() {
    LoadedWeights loaded = load(plan(EMBED, QK, NORM));
    assertArrayEquals(new float[] {9, 10, 11}, backend.rows("embed")[3]);
    float[][] qk = backend.rows("qk");
    assertArrayEquals(new float[] {53, 54, 55}, qk[1]);
    assertArrayEquals(new float[] {100, 101, 102}, qk[2]);
    assertArrayEquals(new float[][] {{200, 201, 202}}, backend.rows("norm"));
    assertEquals(DType.BF16, loaded.weights().matrices().get("qk").dtype());
    assertEquals(3, loaded.weights().vectors().get("norm").cols());
  }

  @Test
  void mergesSourcesAndReadsInTheOrderOfTheFile() throws IOException {
    tensors("model.").write(folder.resolve("model.safetensors"));
    assertLoads();
    assertEquals(List.of("norm", "embed", "qk"), List.copyOf(backend.taken.keySet()));
  }

  @Test
  void findsNamesWithoutOrWithAPrefix() throws IOException {
    tensors("").write(folder.resolve("model.safetensors"));
    assertLoads();
    tensors("outer.model.").write(folder.resolve("model.safetensors"));
    assertLoads();
  }

  @Test
  void takesRunsOfRowsAndTransposedMatrices() throws IOException {
    new SafetensorsBytes().counting("c", 0, 2, 6).write(folder.resolve("model.safetensors"));
    // Stored [in 2, out 6]; the outputs 1, 2, 4, 5 are taken.
    Source source = new Source("c", 2, 6, 1, 2, 3, 2, true);
    LoadedWeights loaded = load(plan(new WeightSlot("c", Kind.MATRIX, 4, 2, List.of(source))));
    assertArrayEquals(new float[][] {{1, 7}, {2, 8}, {4, 10}, {5, 11}}, backend.rows("c"));
    assertEquals(32, loaded.report().storedBytes());
  }

  @Test
  void oneTensorMayServeTwoSlots() throws IOException {
    tensors("model.").write(folder.resolve("model.safetensors"));
    WeightSlot head =
        new WeightSlot("head", Kind.MATRIX, 4, 3, List.of(Source.whole("model.embed", 4, 3)));
    load(plan(EMBED, QK, NORM, head));
    assertArrayEquals(backend.rows("embed"), backend.rows("head"));
  }

  @Test
  void reportsBytesFilesAndDevice() throws IOException {
    tensors("model.").write(folder.resolve("model.safetensors"));
    LoadReport report = load(plan(EMBED, QK, NORM)).report();
    assertEquals(3, report.weights());
    assertEquals(1, report.files());
    assertEquals(4 * (12 + 9 + 3), report.storedBytes());
    assertEquals(2 * (12 + 9), report.deviceBytes());
    assertTrue(report.summary().startsWith("weights: 3 from 1 file(s)"), report.summary());
  }

  @Test
  void namesEverythingThatDoesNotFit() throws IOException {
    new SafetensorsBytes()
        .counting("model.q", 0, 2, 4)
        .counting("model.k", 0, 3)
        .counting("model.norm", 0, 1, 3)
        .counting("model.rank3", 0, 1, 1, 1)
        .counting("bias", 0, 1)
        .write(folder.resolve("model.safetensors"));
    var refusal =
        assertThrows(
            CheckpointException.class,
            () ->
                load(
                    plan(
                        EMBED,
                        QK,
                        NORM,
                        new WeightSlot(
                            "r", Kind.BIAS, 1, 1, List.of(Source.vector("model.rank3", 1))))));
    String text = refusal.getMessage();
    assertTrue(text.contains("1 tensor(s) missing: model.embed [4, 3]"), text);
    assertTrue(text.contains("1 tensor(s) unexpected: bias [1]"), text);
    assertTrue(text.contains("2 tensor(s) of another shape: "), text);
    assertTrue(text.contains("model.q is [2, 4], the config asks for [2, 3]"), text);
    assertTrue(text.contains("model.rank3 is [1, 1, 1], the config asks for [1]"), text);
    assertTrue(backend.taken.isEmpty(), "nothing is bound before everything fits");
  }

  @Test
  void capsTheListButTellsTheCount() throws IOException {
    SafetensorsBytes bytes = tensors("model.");
    for (int i = 0; i < 70; i++) bytes.counting("extra." + i, 0, 1);
    bytes.write(folder.resolve("model.safetensors"));
    String text =
        assertThrows(CheckpointException.class, () -> load(plan(EMBED, QK, NORM))).getMessage();
    assertTrue(text.contains("70 tensor(s) unexpected: "), text);
    assertTrue(text.endsWith("; and 50 more"), text);
  }

  @Test
  void namesATypeThatCannotBeAWeight() throws IOException {
    Files.write(
        folder.resolve("model.safetensors"),
        SafetensorsBytes.file(
            "{\"model.norm\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[0,3]}}",
            new byte[3]));
    String text = assertThrows(CheckpointException.class, () -> load(plan(NORM))).getMessage();
    assertTrue(text.contains("not supported as a weight: model.norm is F8_E4M3"), text);
  }

  @Test
  void dummyWeightsAreSeededByNameAndScaledByColumns() {
    var report =
        WeightLoader.loadAndReport(
                plan(EMBED, QK, NORM),
                Checkpoint.open(folder, LoadFormat.DUMMY),
                spec(new NormSpec(Norm.Kind.RMS, 1e-6f, 1, true, false)),
                backend)
            .report();
    assertTrue(report.dummy() && report.summary().startsWith("DUMMY weights"), report.summary());
    var embed = (WeightPart.Random) backend.taken.get("embed").parts().getFirst();
    var qk = (WeightPart.Random) backend.taken.get("qk").parts().getFirst();
    assertEquals(new WeightPart.Random(4, 3, embed.seed(), 0.5f, true), embed);
    assertEquals(3, qk.rows());
    assertNotEquals(embed.seed(), qk.seed());
    assertEquals(
        List.of(new WeightPart.Constant(1, 3, 0)),
        backend.taken.get("norm").parts(),
        "an offset of 1 makes the scale 1");

    RecordingBackend again = new RecordingBackend();
    WeightLoader.load(plan(EMBED, QK), new Checkpoint.Dummy(0, false), SPEC, again);
    var own = (WeightPart.Random) again.taken.get("embed").parts().getFirst();
    assertEquals(embed.seed(), own.seed());
    assertTrue(embed.sharedPages() && !own.sharedPages());
    WeightLoader.load(plan(EMBED), new Checkpoint.Dummy(1, false), SPEC, again);
    var other = (WeightPart.Random) again.taken.get("embed").parts().getFirst();
    assertNotEquals(embed.seed(), other.seed());
  }
}
