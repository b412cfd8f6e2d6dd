package dev.quern.check;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.DType;
import dev.quern.backend.Sampling;
import dev.quern.backend.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Draws tokens from the same logits with the same seeds on both sides. Rounding moves the edge
 * between two tokens now and then, so nearly all draws must be equal; a token that differs must
 * still be one that the filters keep, to within a millionth of the probability.
 */
final class DrawCheck {
  private static final int ROWS = 256;
  private static final double MOST_DIFFERENT = 1e-4;
  private static final double MOST_OUTSIDE = 1e-6;

  /** What a row asks for. */
  record Setting(float temperature, int topK, float topP, float minP) {}

  private static final Setting[] SETTINGS = {
    new Setting(0, 0, 1, 0),
    new Setting(1, 0, 1, 0),
    new Setting(0.3f, 0, 1, 0),
    new Setting(1.7f, 0, 1, 0),
    new Setting(1, 40, 1, 0),
    new Setting(1, 1, 1, 0),
    new Setting(1, 0, 0.9f, 0),
    new Setting(1, 0, 0.05f, 0),
    new Setting(1, 0, 1, 0.05f),
    new Setting(0.7f, 20, 0.8f, 0),
    new Setting(1.3f, 0, 0.95f, 0.02f),
    new Setting(0.9f, 50, 0.99f, 0.01f),
    new Setting(2, 1000, 0.999f, 0),
  };

  private DrawCheck() {}

  /**
   * @param draws at least, over all settings
   */
  static boolean run(Backend device, Backend oracle, int draws, Consumer<OpCheck.Row> report) {
    int[] vocabularies = {50, 257, 600};
    int launches = Math.ceilDiv(draws, ROWS);
    Drawer expectedSide = new Drawer(oracle);
    Drawer actualSide = new Drawer(device);
    SplittableRandom random = new SplittableRandom(7);
    long different = 0;
    double outside = 0;
    for (int launch = 0; launch <= launches; launch++) {
      // One launch at the size of a large vocabulary; the oracle takes long for it.
      int vocabulary = launch == launches ? 151_936 : vocabularies[launch % vocabularies.length];
      int rows = launch == launches ? 2 * SETTINGS.length : ROWS;
      float[] logits = new float[rows * vocabulary];
      for (int i = 0; i < logits.length; i++) {
        double u = random.nextDouble();
        logits[i] = (float) (8 * u * u * u * u + (i % 7 == 0 ? 0 : random.nextDouble()));
      }
      int shift = launch / vocabularies.length;
      int[] expected = expectedSide.draw(logits, rows, vocabulary, launch, shift);
      int[] actual = actualSide.draw(logits, rows, vocabulary, launch, shift);
      for (int r = 0; r < rows; r++) {
        if (actual[r] != expected[r]) {
          different++;
          float[] row = Arrays.copyOfRange(logits, r * vocabulary, (r + 1) * vocabulary);
          outside = Math.max(outside, excess(row, setting(r + shift), actual[r]));
        }
      }
    }
    long all = (long) launches * ROWS + 2L * SETTINGS.length;
    var share =
        new OpCheck.Row(
            "sample, %,d draws".formatted(all),
            DType.F32,
            (double) different / all,
            MOST_DIFFERENT);
    var kept = new OpCheck.Row("sample, outside what is kept", DType.F32, outside, MOST_OUTSIDE);
    report.accept(share);
    report.accept(kept);
    return share.passed() && kept.passed();
  }

  private static Setting setting(int row) {
    return SETTINGS[row % SETTINGS.length];
  }

  /** One side, with its buffers for each size of vocabulary. */
  private static final class Drawer {
    private final Backend backend;
    private final Side side;
    private final Map<Integer, Tensor> logits = new HashMap<>();
    private final Map<Integer, Batch> batches = new HashMap<>();

    Drawer(Backend backend) {
      this.backend = backend;
      side = new Side(backend, DType.F32, 0);
    }

    int[] draw(float[] values, int rows, int vocabulary, int launch, int shift) {
      Tensor input = logits.computeIfAbsent(vocabulary, v -> backend.logits(rows, v));
      Batch batch =
          batches.computeIfAbsent(vocabulary, v -> SamplingCases.neutral(side, rows, rows));
      backend.write(input, values);
      Sampling s = batch.sampling;
      for (int r = 0; r < rows; r++) {
        Setting setting = setting(r + shift);
        s.temperature[r] = setting.temperature();
        s.topK[r] = setting.topK();
        s.topP[r] = setting.topP();
        s.minP[r] = setting.minP();
        s.seed[r] = 1_000_003L * launch + r;
        s.outputIndex[r] = r % 17;
      }
      backend.upload(batch);
      backend.ops().sample(input, batch);
      backend.ops().chosenLogprobs(batch);
      backend.await(batch);
      return Arrays.copyOf(s.nextTokens, rows);
    }
  }

  /** How far a token is outside what the filters keep, as a share of probability; 0 = inside. */
  static double excess(float[] z, Setting s, int token) {
    int size = z.length;
    double max = Double.NEGATIVE_INFINITY;
    for (float v : z) {
      max = Math.max(max, v);
    }
    if (s.temperature() < 1e-5f) {
      return z[token] == max ? 0 : 1;
    }
    double[] weights = new double[size];
    for (int v = 0; v < size; v++) {
      weights[v] = Math.exp((z[v] - max) / s.temperature());
    }
    double excess = Math.max(0, s.minP() - weights[token]);
    float least = Float.NEGATIVE_INFINITY;
    if (s.topK() > 0 && s.topK() < size) {
      float[] sorted = z.clone();
      Arrays.sort(sorted);
      least = sorted[size - s.topK()];
      if (z[token] < least) {
        return 1;
      }
    }
    double total = 0;
    double before = 0;
    for (int v = 0; v < size; v++) {
      if (z[v] < least || weights[v] < s.minP()) {
        continue;
      }
      total += weights[v];
      if (z[v] > z[token] || z[v] == z[token] && v < token) {
        before += weights[v];
      }
    }
    return s.topP() < 1 ? Math.max(excess, before / total - s.topP()) : excess;
  }
}
