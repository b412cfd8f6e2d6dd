package dev.quern.files;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A file that several threads read in pieces. Those in the page cache are copied out of it; of
 * others the whole blocks around them are read directly, unless that is not wanted or the file
 * system refuses, at opening or at the first read (FUSE, some overlays). The system's own calls
 * read directly: Java's are an internal option of the JDK.
 */
public final class PieceFile implements AutoCloseable {
  /** What offset, length and memory of direct reads are multiples of; enough for most disks. */
  public static final int BLOCK_BYTES = 4096;

  /** How much longer than a piece the memory must be that it is read into. */
  public static final int OVERHANG_BYTES = 2 * BLOCK_BYTES;

  private final Path path;
  private final FileChannel buffered;
  private final Arena arena = Arena.ofShared();
  private final AtomicLong directBytes = new AtomicLong();

  /** The whole file, to ask what of it is in the page cache; null where nothing is asked. */
  private final MemorySegment mapped;

  /** A descriptor for direct reads, or negative. */
  private final int direct;

  private volatile boolean refused;

  private PieceFile(Path path, FileChannel buffered, int direct) throws IOException {
    this.path = path;
    this.buffered = buffered;
    this.direct = direct;
    mapped = direct < 0 ? null : buffered.map(MapMode.READ_ONLY, 0, buffered.size(), arena);
  }

  /**
   * Opens a file.
   *
   * @param cold how to read what is not in the page cache
   */
  public static PieceFile open(Path path, ColdReads cold) throws IOException {
    FileChannel buffered = FileChannel.open(path);
    boolean wanted = cold == ColdReads.DIRECT && CLibrary.AVAILABLE;
    return open(path, buffered, wanted ? CLibrary.open(path.toString(), true) : -1);
  }

  /** The same with a descriptor for direct reads, which is closed with the file. */
  static PieceFile open(Path path, FileChannel buffered, int direct) throws IOException {
    try {
      return new PieceFile(path, buffered, direct);
    } catch (IOException | RuntimeException e) {
      buffered.close();
      if (direct >= 0) {
        CLibrary.close(direct);
      }
      throw e;
    }
  }

  /** Its length. */
  public long bytes() throws IOException {
    return buffered.size();
  }

  /** How many bytes were read directly, without overhang. */
  public long directBytes() {
    return directBytes.get();
  }

  /**
   * Reads {@code bytes} from {@code offset} on.
   *
   * @param memory at least {@link #OVERHANG_BYTES} longer than that; what is not aligned to {@link
   *     #BLOCK_BYTES} is not read into directly
   * @return where in it they begin
   * @throws EOFException when the file ends before
   */
  public int read(long offset, int bytes, MemorySegment memory) throws IOException {
    if (direct >= 0
        && !refused
        && memory.address() % BLOCK_BYTES == 0
        && !PageCache.holds(mapped, offset, bytes)) {
      int begin = (int) (offset % BLOCK_BYTES);
      if (readDirect(offset - begin, begin + bytes, memory)) {
        directBytes.addAndGet(bytes);
        return begin;
      }
      // A broken disk shows in the buffered read as well.
      refused = true;
    }
    ByteBuffer buffer = memory.asSlice(0, bytes).asByteBuffer();
    while (buffer.hasRemaining()) {
      long at = offset + buffer.position();
      if (buffered.read(buffer, at) < 0) {
        throw cutOff(at);
      }
    }
    return 0;
  }

  /** Reads the blocks that hold {@code bytes} bytes; false where the system refuses. */
  private boolean readDirect(long offset, int bytes, MemorySegment memory) throws EOFException {
    int whole = Math.ceilDiv(bytes, BLOCK_BYTES) * BLOCK_BYTES;
    MemorySegment blocks = memory.asSlice(0, whole);
    int done = 0;
    while (true) {
      int got = CLibrary.read(direct, blocks.address() + done, whole - done, offset + done);
      if (got < 0) {
        return false;
      }
      if (done + got >= bytes) {
        return true;
      }
      if (got < BLOCK_BYTES) {
        throw cutOff(offset + done + got);
      }
      // Cut short; the next read begins at a block again.
      done += got / BLOCK_BYTES * BLOCK_BYTES;
    }
  }

  private EOFException cutOff(long at) {
    return new EOFException(path + ": ends at byte " + at + ", within what is wanted of it");
  }

  /** No thread may be reading. */
  @Override
  public void close() throws IOException {
    if (direct >= 0) {
      CLibrary.close(direct);
    }
    arena.close();
    buffered.close();
  }
}
