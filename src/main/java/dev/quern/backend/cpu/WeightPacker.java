package dev.quern.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quern.backend.DType;
import dev.quern.backend.WeightPart;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes weights in: from their parts into panels, on all workers, once at load.
 *
 * <p>What it costs: one pass over the file and one write of the same size, and memory of the same
 * size again, since a packed panel is not the file's bytes. The source is a mapping of the file,
 * whose pages the system may drop at any time; they are given back as soon as a matrix is packed,
 * so at most one matrix lies in memory twice and a model larger than half the memory loads.
 *
 * <p>Random weights that may share pages all read one buffer per type and scale, each from its own
 * place, so that such a model costs no memory of its own however large it is.
 */
final class WeightPacker {
  private static final int PANEL_ROWS = PanelWeight.PANEL_ROWS;

  /** Columns packed at once: 32 rows of it stay in the nearest cache. */
  private static final int TILE_COLS = 64;

  private static final long SHARED_BYTES = 16L << 20;

  private final Arena arena;
  private final WorkerPool pool;
  private final Map<SharedKey, MemorySegment> shared = new ConcurrentHashMap<>();

  private record SharedKey(DType dtype, float scale, long bytes) {}

  WeightPacker(Arena arena, WorkerPool pool) {
    this.arena = arena;
    this.pool = pool;
  }

  PanelWeight pack(String name, DType dtype, List<WeightPart> parts) {
    int rows = WeightPart.rows(name, parts);
    int cols = parts.getFirst().cols();
    if (parts.stream().allMatch(p -> p instanceof WeightPart.Random r && r.sharedPages())) {
      return sharedRandom(dtype, rows, cols, (WeightPart.Random) parts.getFirst());
    }
    int panels = PanelWeight.panels(rows);
    long bytes = panels * PanelWeight.panelBytes(dtype, cols);
    MemorySegment room = NativeMemory.allocate(arena, bytes + Bf16Streams.PREFETCH_BYTES);
    room.asSlice(bytes).fill((byte) 0); // in memory, since a prefetch of no page is slow
    MemorySegment data = room.asSlice(0, bytes);
    PanelWeight weight = new PanelWeight(data, dtype, rows, cols, panels, bytes);
    Rows source = new Rows(dtype, parts, rows);
    pool.run(panels, 1, (worker, from, to) -> packPanels(weight, source, from, to));
    for (WeightPart part : parts) {
      if (part instanceof WeightPart.Stored stored
          && stored.data().isMapped()
          && stored.data().isReadOnly()) {
        stored.data().unload();
      }
    }
    return weight;
  }

  private PanelWeight sharedRandom(DType dtype, int rows, int cols, WeightPart.Random random) {
    long panelBytes = PanelWeight.panelBytes(dtype, cols);
    long bytes = Math.max(SHARED_BYTES, Math.ceilDiv(panelBytes, SHARED_BYTES) * SHARED_BYTES);
    MemorySegment buffer =
        shared.computeIfAbsent(
            new SharedKey(dtype, random.scale(), bytes), key -> randomBuffer(key));
    int panels = (int) Math.min(PanelWeight.panels(rows), bytes / panelBytes);
    long spare = (bytes - panels * panelBytes) / 64;
    long start = Math.floorMod(RandomBits.mix(random.seed()), spare + 1) * 64;
    MemorySegment data = buffer.asSlice(start, panels * panelBytes);
    return new PanelWeight(data, dtype, rows, cols, panels, 0);
  }

  private MemorySegment randomBuffer(SharedKey key) {
    WeightPart.Random all =
        new WeightPart.Random(
            (int) (key.bytes / (PANEL_ROWS * TILE_COLS * key.dtype.bytes())) * PANEL_ROWS,
            TILE_COLS,
            0,
            key.scale,
            false);
    return pack("random weights", key.dtype, List.of(all)).data();
  }

  /** The values of a vector's parts, one after the other. */
  static float[] vector(String name, List<WeightPart> parts) {
    int length = 0;
    for (WeightPart part : parts) {
      length = Math.addExact(length, Math.multiplyExact(part.rows(), part.cols()));
    }
    float[] values = new float[length];
    int next = 0;
    for (WeightPart part : parts) {
      part.check(name);
      PartReader reader = new PartReader(part, DType.F32);
      int[] bits = new int[part.cols()];
      for (int row = 0; row < part.rows(); row++) {
        reader.read(row, 0, bits.length, bits, 0);
        for (int bit : bits) {
          values[next++] = Float.intBitsToFloat(bit);
        }
      }
    }
    return values;
  }

  private static void packPanels(PanelWeight weight, Rows source, int from, int to) {
    int[] tile = new int[PANEL_ROWS * TILE_COLS];
    int cols = weight.cols();
    for (int panel = from; panel < to; panel++) {
      for (int col = 0; col < cols; col += TILE_COLS) {
        int count = Math.min(TILE_COLS, cols - col);
        for (int lane = 0; lane < PANEL_ROWS; lane++) {
          source.read(panel * PANEL_ROWS + lane, col, count, tile, lane * TILE_COLS);
        }
        writeTile(weight, panel, col, count, tile);
      }
    }
  }

  private static void writeTile(PanelWeight weight, int panel, int col, int count, int[] tile) {
    MemorySegment data = weight.data();
    boolean wide = weight.dtype() == DType.F32;
    int ints = wide ? PANEL_ROWS : PANEL_ROWS / 2;
    long start = weight.panelOffset(panel) + (long) col * ints * Integer.BYTES;
    for (int lane = 0; lane < ints; lane++) {
      int low = lane * TILE_COLS;
      int high = low + ints * TILE_COLS;
      for (int k = 0; k < count; k++) {
        int value = wide ? tile[low + k] : tile[low + k] | tile[high + k] << 16;
        data.set(JAVA_INT, start + ((long) k * ints + lane) * Integer.BYTES, value);
      }
    }
  }

  /** The rows of all parts as one matrix; rows past its end are zero. */
  private static final class Rows {
    private final PartReader[] readers;
    private final int[] starts;

    Rows(DType dtype, List<WeightPart> parts, int rows) {
      readers = new PartReader[parts.size()];
      starts = new int[parts.size() + 1];
      for (int i = 0; i < readers.length; i++) {
        readers[i] = new PartReader(parts.get(i), dtype);
        starts[i + 1] = starts[i] + parts.get(i).rows();
      }
      assert starts[readers.length] == rows;
    }

    void read(int row, int from, int count, int[] target, int offset) {
      for (int i = 0; i < readers.length; i++) {
        if (row < starts[i + 1]) {
          readers[i].read(row - starts[i], from, count, target, offset);
          return;
        }
      }
      java.util.Arrays.fill(target, offset, offset + count, 0);
    }
  }
}
