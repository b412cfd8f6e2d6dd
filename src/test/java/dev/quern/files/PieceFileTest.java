package dev.quern.files;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pieces of a file, cold and warm, into ordinary memory. */
final class PieceFileTest {
  private static final int PIECE_BYTES = 300_000;

  /** Neither a multiple of a page nor of a block. */
  private static final byte[] BYTES = new byte[3_000_017];

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory =
      arena.allocate(
          PIECE_BYTES + PieceFile.OVERHANG_BYTES + PieceFile.BLOCK_BYTES, PieceFile.BLOCK_BYTES);
  private Path path;

  /** In the build's folder, since /tmp may be memory, which cannot be dropped. */
  @BeforeEach
  void writeFile() throws IOException {
    new Random(1).nextBytes(BYTES);
    path = Files.createTempFile(Path.of("target"), "pieces", ".bin");
    Files.write(path, BYTES);
  }

  @AfterEach
  void deleteFile() throws IOException {
    Files.delete(path);
    arena.close();
  }

  @Test
  void coldPiecesAreReadDirectlyAndStayCold() throws IOException {
    drop();
    assumeDirect();
    try (PieceFile file = PieceFile.open(path, ColdReads.DIRECT)) {
      long wanted = checkPieces(file);
      assertEquals(wanted, file.directBytes());
    }
    assertEquals(0, PageCache.residentBytes(path));
  }

  @Test
  void warmPiecesComeFromThePageCache() throws IOException {
    assumeTrue(PageCache.isKnown(), "needs a system that tells what it holds of files");
    Files.readAllBytes(path);
    assertTrue(PageCache.residentBytes(path) >= BYTES.length);
    try (PieceFile file = PieceFile.open(path, ColdReads.DIRECT)) {
      checkPieces(file);
      assertEquals(0, file.directBytes());
    }
  }

  @Test
  void bufferedReadsFillThePageCache() throws IOException {
    drop();
    try (PieceFile file = PieceFile.open(path, ColdReads.BUFFERED)) {
      checkPieces(file);
      assertEquals(0, file.directBytes());
    }
    assertTrue(PageCache.residentBytes(path) > 0);
  }

  /** Pages that are mapped and touched are not dropped. */
  @Test
  void aPieceThatIsThereInPartIsCold() throws IOException {
    drop();
    try (FileChannel channel = FileChannel.open(path);
        Arena mapping = Arena.ofConfined()) {
      MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, BYTES.length, mapping);
      assertFalse(PageCache.holds(mapped, 0, BYTES.length));
      assertFalse(PageCache.holds(mapped, 5, 1));
      Files.readAllBytes(path);
      assertTrue(PageCache.holds(mapped, 0, BYTES.length));
      assertEquals(BYTES[5], mapped.get(JAVA_BYTE, 5));
      PageCache.drop(path);
      assertTrue(PageCache.holds(mapped, 5, 1));
      assertFalse(PageCache.holds(mapped, BYTES.length - 1, 1));
      assertFalse(PageCache.holds(mapped, 0, BYTES.length));
    }
  }

  @Test
  void refusedAtOpeningMeansBuffered() throws IOException {
    Path refusing = Path.of("/proc/version");
    assumeTrue(Files.isReadable(refusing), "needs " + refusing);
    byte[] expected = Files.readAllBytes(refusing);
    try (PieceFile file = PieceFile.open(refusing, ColdReads.DIRECT)) {
      assertEquals(0, file.read(0, expected.length, memory));
      assertEquals(-1, mismatch(expected, 0, expected.length, 0));
      assertEquals(0, file.directBytes());
    }
  }

  /** A folder's descriptor can be had and not be read. */
  @Test
  void refusedAtTheFirstReadMeansBuffered() throws IOException {
    drop();
    int folder = CLibrary.open("target", false);
    assertTrue(folder >= 0);
    try (PieceFile file = PieceFile.open(path, FileChannel.open(path), folder)) {
      checkPieces(file);
      assertEquals(0, file.directBytes());
    }
  }

  @Test
  void unalignedMemoryIsReadBuffered() throws IOException {
    drop();
    try (PieceFile file = PieceFile.open(path, ColdReads.DIRECT)) {
      int begin = file.read(5000, PIECE_BYTES, memory.asSlice(1));
      assertEquals(0, begin);
      assertEquals(-1, mismatch(BYTES, 5000, PIECE_BYTES, 1));
      assertEquals(0, file.directBytes());
    }
  }

  @Test
  void theFilesEndIsAnErrorThatSaysWhere() throws IOException {
    for (ColdReads cold : ColdReads.values()) {
      drop();
      try (PieceFile file = PieceFile.open(path, cold)) {
        for (long offset : new long[] {BYTES.length - 10, BYTES.length - 200_000, BYTES.length}) {
          EOFException error =
              assertThrows(EOFException.class, () -> file.read(offset, PIECE_BYTES, memory));
          assertEquals(
              path + ": ends at byte " + BYTES.length + ", within what is wanted of it",
              error.getMessage());
        }
      }
    }
  }

  @Test
  void theDisksRateReadsEveryByteOnce() throws IOException {
    drop();
    assumeDirect();
    drop();
    DiskRate rate = DiskRate.measure(List.of(path, path), 3, ColdReads.DIRECT);
    assertEquals(2L * BYTES.length, rate.bytes());
    assertEquals(2L * BYTES.length, rate.directBytes());
    assertTrue(rate.bytesPerSecond() > 0);
  }

  /** Reads pieces of all kinds; returns how many bytes. */
  private long checkPieces(PieceFile file) throws IOException {
    Random random = new Random(2);
    long bytes = 0;
    for (int i = 0; i < 60; i++) {
      int length = i % 3 == 0 ? random.nextInt(5000) + 1 : random.nextInt(PIECE_BYTES) + 1;
      int offset = random.nextInt(BYTES.length - length + 1);
      switch (i % 6) {
        case 0 -> offset -= offset % PieceFile.BLOCK_BYTES;
        case 1 -> offset = BYTES.length - length;
        case 2 -> {
          offset -= offset % PieceFile.BLOCK_BYTES;
          length = PIECE_BYTES / PieceFile.BLOCK_BYTES * PieceFile.BLOCK_BYTES;
          offset =
              Math.min(
                  offset, (BYTES.length - length) / PieceFile.BLOCK_BYTES * PieceFile.BLOCK_BYTES);
        }
        default -> {}
      }
      int begin = file.read(offset, length, memory);
      assertEquals(-1, mismatch(BYTES, offset, length, begin));
      bytes += length;
    }
    return bytes;
  }

  private int mismatch(byte[] expected, int from, int length, int begin) {
    byte[] read = memory.asSlice(begin, length).toArray(JAVA_BYTE);
    return Arrays.mismatch(expected, from, from + length, read, 0, length);
  }

  private void drop() throws IOException {
    assumeTrue(PageCache.isKnown(), "needs a system that tells what it holds of files");
    PageCache.drop(path);
    assumeTrue(PageCache.residentBytes(path) == 0, "needs a build folder on a disk, not in memory");
  }

  private void assumeDirect() {
    int file = CLibrary.open(path.toString(), true);
    assumeTrue(
        file >= 0 && CLibrary.read(file, memory.address(), 4096, 0) == 4096,
        "needs a build folder on a disk that can be read directly");
    CLibrary.close(file);
  }
}
