package dev.quern.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quern.backend.DType;
import dev.quern.backend.Weight;
import java.lang.foreign.MemorySegment;

/**
 * A matrix in panels of 32 rows, {@code [N/32][K][16 ints]} for the 16-bit types: each int holds
 * row i of the panel in its low half and row i+16 in its high half. One sequential stream then
 * serves one activation row and many alike, and 16 ints widen to 32 floats by a shift and a mask.
 * fp32 is {@code [N/32][K][32 floats]}. The last panel is filled up with zero rows.
 *
 * @param data the panels
 * @param storedPanels panels in memory; fewer than the matrix has where random weights share pages,
 *     and then panel p is stored panel p mod storedPanels
 * @param deviceBytes bytes held for this weight alone
 */
record PanelWeight(
    MemorySegment data, DType dtype, int rows, int cols, int storedPanels, long deviceBytes)
    implements Weight {
  static final int PANEL_ROWS = 32;

  static int panels(int rows) {
    return Math.ceilDiv(rows, PANEL_ROWS);
  }

  static long panelBytes(DType dtype, int cols) {
    return (long) cols * PANEL_ROWS * dtype.bytes();
  }

  int panels() {
    return panels(rows);
  }

  /** Address of the first stored panel, for loops that have checked their sizes. */
  long address() {
    if (!data.scope().isAlive()) {
      throw new IllegalStateException("the backend of this weight is closed");
    }
    return data.address();
  }

  /** Byte at which a panel starts. */
  long panelOffset(int panel) {
    return (panel % storedPanels) * panelBytes(dtype, cols);
  }

  /** Widens the columns {@code from … from+count-1} of a panel to fp32 as [count, 32]. */
  void widen(int panel, int from, int count, float[] target) {
    long start = panelOffset(panel) + (long) from * PANEL_ROWS * dtype.bytes();
    if (dtype == DType.F32) {
      MemorySegment.copy(
          data, java.lang.foreign.ValueLayout.JAVA_FLOAT, start, target, 0, count * PANEL_ROWS);
      return;
    }
    for (int k = 0; k < count; k++) {
      for (int lane = 0; lane < 16; lane++) {
        int pair = data.get(JAVA_INT, start + (k * 16L + lane) * Integer.BYTES);
        target[k * PANEL_ROWS + lane] = Bits.toFloat(dtype, pair & 0xffff);
        target[k * PANEL_ROWS + 16 + lane] = Bits.toFloat(dtype, pair >>> 16);
      }
    }
  }

  /** Reads one row as floats (an embedding). */
  void readRow(int row, float[] target) {
    if (row < 0 || row >= rows) {
      throw new IndexOutOfBoundsException("row " + row + " of a table with " + rows);
    }
    long start = panelOffset(row / PANEL_ROWS);
    int lane = row % PANEL_ROWS;
    for (int k = 0; k < cols; k++) {
      if (dtype == DType.F32) {
        long element = (long) k * PANEL_ROWS + lane;
        target[k] = Float.intBitsToFloat(data.get(JAVA_INT, start + element * Float.BYTES));
      } else {
        int pair = data.get(JAVA_INT, start + (k * 16L + (lane & 15)) * Integer.BYTES);
        target[k] = Bits.toFloat(dtype, lane < 16 ? pair & 0xffff : pair >>> 16);
      }
    }
  }
}
