package dev.quern.backend;

import static dev.quern.backend.OpsFixture.assertSame;
import static dev.quern.backend.OpsFixture.assertValuesClose;
import static dev.quern.backend.OpsFixture.slice;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Ops that treat each row by itself. */
interface RowOpsContract extends OpsFixture {
  int[] WIDTHS = {1, 7, 16, 31, 64, 100, 896};

  @Test
  default void normsAreRight() {
    for (Norm.Kind kind : Norm.Kind.values()) {
      for (int width : WIDTHS) {
        for (int variant = 0; variant < 4; variant++) {
          Tensor weight = variant == 0 ? null : random(1, width, 4);
          Tensor bias = variant < 2 ? null : random(1, width, 5);
          Norm norm = new Norm(kind, weight, bias, 1e-5f, variant == 3 ? 1 : 0);
          checkNorm(norm, width);
        }
      }
    }
  }

  private void checkNorm(Norm norm, int width) {
    int rows = 3;
    Tensor x = random(rows, width, 6);
    float[] in = backend().download(x);
    double[] expected = new double[rows * width];
    for (int t = 0; t < rows; t++) {
      referenceNorm(in, t * width, width, norm, expected);
    }
    Tensor y = poisoned(rows, width);
    ops().norm(y, x, norm);
    assertClose(expected, y, 1e-5);
    ops().norm(x, x, norm);
    assertSame(backend().download(y), backend().download(x), "in place");
    Tensor single = poisoned(1, width);
    ops().norm(single, tensor(1, width, slice(in, width, width)), norm);
    assertSame(
        slice(backend().download(y), width, width), backend().download(single), "one row alone");
  }

  /** Normalises {@code in[from … from+width-1]} into the same place of {@code out}. */
  default void referenceNorm(float[] in, int from, int width, Norm norm, double[] out) {
    double mean = 0;
    double squares = 0;
    for (int i = 0; i < width; i++) {
      mean += norm.kind() == Norm.Kind.LAYER ? in[from + i] / (double) width : 0;
    }
    for (int i = 0; i < width; i++) {
      squares += Math.pow(in[from + i] - mean, 2) / width;
    }
    float[] weight = norm.weight() == null ? null : backend().download(norm.weight());
    float[] bias = norm.bias() == null ? null : backend().download(norm.bias());
    for (int i = 0; i < width; i++) {
      double value = (in[from + i] - mean) / Math.sqrt(squares + norm.eps());
      value *= weight == null ? 1 : weight[i] + norm.weightOffset();
      out[from + i] = value + (bias == null ? 0 : bias[i]);
    }
  }

  @Test
  default void activationsAreRight() {
    for (Activation activation : Activation.values()) {
      int cols = 401;
      float[] values = new float[cols];
      for (int i = 0; i < cols; i++) {
        values[i] = (i - 200) * 0.1f;
      }
      // Beyond what exp can be in fp32; the square is still an fp16.
      values[400] = 200;
      values[0] = -200;
      Tensor y = poisoned(1, cols);
      Tensor x = tensor(1, cols, values);
      float[] in = backend().download(x);
      ops().activation(y, x, activation, activation == Activation.XIELU ? parameters() : null);
      float[] actual = backend().download(y);
      for (int i = 0; i < cols; i++) {
        double expected = reference(activation).applyAsDouble(in[i]);
        assertEquals(
            expected,
            actual[i],
            tolerance(2e-6) * Math.max(1, Math.abs(expected)),
            activation + "(" + in[i] + ")");
      }
      if (activation != Activation.XIELU) {
        checkGated(activation, 37);
        checkGated(activation, 64);
      }
    }
  }

  private Tensor parameters() {
    return constant(1, 4, new float[] {0.8f, 1.3f, 0.5f, -0.05f});
  }

  private void checkGated(Activation activation, int cols) {
    int rows = 3;
    Tensor x = random(rows, 2 * cols, 1);
    float[] in = backend().download(x);
    double[] expected = new double[rows * cols];
    for (int t = 0; t < rows; t++) {
      for (int f = 0; f < cols; f++) {
        double gate = reference(activation).applyAsDouble(in[t * 2 * cols + f]);
        expected[t * cols + f] = gate * in[t * 2 * cols + cols + f];
      }
    }
    Tensor y = poisoned(rows, cols);
    ops().gatedActivation(y, x, activation);
    assertClose(expected, y, 2e-6);
  }

  private static DoubleUnaryOperator reference(Activation activation) {
    return switch (activation) {
      case SILU -> x -> x / (1 + Math.exp(-x));
      case GELU -> x -> x * normalDistribution(x);
      case GELU_TANH ->
          x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case RELU -> x -> Math.max(0, x);
      case RELU2 -> x -> Math.pow(Math.max(0, x), 2);
      case QUICK_GELU -> x -> x / (1 + Math.exp(-1.702 * x));
      case XIELU ->
          x -> (x > 0 ? 0.8f * x * x : 1.3f * (Math.expm1(Math.min(x, -0.05f)) - x)) + 0.5f * x;
    };
  }

  /** Φ(x) by Simpson's rule over the density. */
  private static double normalDistribution(double x) {
    if (Math.abs(x) > 12) {
      return x > 0 ? 1 : 0;
    }
    int steps = 4000;
    double h = x / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * Math.exp(-i * h * i * h / 2);
    }
    return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
  }

  @Test
  default void addAndSoftcapAreRight() {
    for (int width : WIDTHS) {
      Tensor y = random(3, width, 1);
      Tensor x = random(3, width, 2);
      float[] a = backend().download(y);
      float[] b = backend().download(x);
      double[] sum = new double[a.length];
      double[] scaled = new double[a.length];
      double[] capped = new double[a.length];
      for (int i = 0; i < a.length; i++) {
        sum[i] = a[i] + 0.3f * (double) b[i];
        scaled[i] = b[i] * 50.0;
        capped[i] = 30 * Math.tanh(b[i] * 50.0 / 30);
      }
      ops().add(y, x, 0.3f);
      assertClose(sum, y, 1e-6);
      Tensor logits = constant(3, width, b);
      ops().scaleSoftcap(logits, 50, 0);
      assertValuesClose(scaled, backend().download(logits), 1e-6, "scaled");
      logits = constant(3, width, b);
      ops().scaleSoftcap(logits, 50, 30);
      assertValuesClose(capped, backend().download(logits), 1e-6, "capped");
    }
  }

  @Test
  default void embeddingsAndPositionsAreLookedUp() {
    for (DType dtype : heldTypes()) {
      Weight table =
          backend().matrix("t", dtype, List.of(new WeightPart.Random(45, 19, 1, 1, false)));
      float[] rows = held(table);
      Batch batch = batch(3);
      int[] ids = {44, 0, 31};
      int[] positions = {5, 0, 41};
      System.arraycopy(ids, 0, batch.tokenIds, 0, 3);
      System.arraycopy(positions, 0, batch.positions, 0, 3);
      backend().upload(batch);
      Tensor x = poisoned(3, 19);
      ops().embed(x, table, 4, batch);
      double[] expected = new double[3 * 19];
      for (int t = 0; t < 3; t++) {
        for (int e = 0; e < 19; e++) {
          expected[t * 19 + e] = rows[ids[t] * 19 + e] * 4.0;
        }
      }
      assertClose(expected, x, 1e-7);
      ops().addPositions(x, table, 2, batch);
      for (int t = 0; t < 3; t++) {
        for (int e = 0; e < 19; e++) {
          expected[t * 19 + e] += rows[(positions[t] + 2) * 19 + e];
        }
      }
      assertClose(expected, x, 1e-6);
    }
  }

  @Test
  default void rowsAreGathered() {
    Tensor x = random(9, 5, 1);
    float[] in = backend().download(x);
    Batch batch = batch(9);
    System.arraycopy(new int[] {8, 3, 3, 0}, 0, batch.logitRows, 0, 4);
    batch.logits = 4;
    backend().upload(batch);
    Tensor y = poisoned(3, 5);
    ops().gatherRows(y, x, batch, 1);
    float[] out = backend().download(y);
    assertSame(slice(in, 15, 5), slice(out, 0, 5), "row 3");
    assertSame(slice(in, 15, 5), slice(out, 5, 5), "row 3 again");
    assertSame(slice(in, 0, 5), slice(out, 10, 5), "row 0");
  }

  @Test
  default void sampledTokensAreFed() {
    int vocabulary = 80;
    float[] ids = new float[vocabulary];
    float[] logits = new float[4 * vocabulary];
    for (int id = 0; id < vocabulary; id++) {
      ids[id] = id;
    }
    for (int row = 0; row < 4; row++) {
      logits[row * vocabulary + 70 + row] = 1;
    }
    Batch previous = sampled(4);
    Arrays.fill(previous.sampling.temperature, 0);
    backend().upload(previous);
    ops().sample(constant(4, vocabulary, logits), previous);

    Batch next = batch(3);
    System.arraycopy(new int[] {5, 6, 7}, 0, next.tokenIds, 0, 3);
    System.arraycopy(new int[] {-1, 2, 0}, 0, next.feedRows, 0, 3);
    backend().upload(next);
    ops().feedTokens(next, previous);
    Tensor fed = poisoned(3, 1);
    ops().embed(fed, weight(vocabulary, 1, ids), 1, next);
    assertSame(new float[] {5, 72, 70}, backend().download(fed), "fed");
  }
}
