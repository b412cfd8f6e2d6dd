package dev.quern.backend.cpu;

/** Matrix products in plain loops: one chain of fused multiply-adds over K for every output. */
final class ScalarLinear {
  private static final int PANEL_ROWS = PanelWeight.PANEL_ROWS;

  private ScalarLinear() {}

  /** y[T, rows of the panels from … to-1] = x[T,K] · Wᵀ + bias. */
  static void panels(
      CpuTensor y, CpuTensor x, PanelWeight weight, CpuTensor bias, int from, int to) {
    int cols = weight.cols();
    float[] input = new float[cols];
    float[] panel = new float[cols * PANEL_ROWS];
    float[] sums = new float[PANEL_ROWS];
    for (int p = from; p < to; p++) {
      weight.widen(p, 0, cols, panel);
      int firstRow = p * PANEL_ROWS;
      int outputs = Math.min(PANEL_ROWS, weight.rows() - firstRow);
      for (int t = 0; t < x.rows(); t++) {
        x.readRow(t, input);
        chain(sums, input, panel, cols);
        for (int i = 0; i < outputs; i++) {
          float shift = bias == null ? 0 : bias.get(0, firstRow + i);
          y.set(t, firstRow + i, sums[i] + shift);
        }
      }
    }
  }

  private static void chain(float[] sums, float[] input, float[] panel, int cols) {
    java.util.Arrays.fill(sums, 0);
    for (int k = 0; k < cols; k++) {
      float value = input[k];
      int start = k * PANEL_ROWS;
      for (int i = 0; i < PANEL_ROWS; i++) {
        sums[i] = Math.fma(value, panel[start + i], sums[i]);
      }
    }
  }
}
