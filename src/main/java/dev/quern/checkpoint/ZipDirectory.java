package dev.quern.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The files inside a zip archive, as slices of it. Only files that are stored as they are have one:
 * torch writes no others, and so nothing can unpack to more than is there.
 *
 * <p>Source: PKWARE's APPNOTE, with the 64-bit extension.
 */
final class ZipDirectory {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int LOCAL_HEADER = 0x04034b50;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int END_64_LOCATOR = 0x07064b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_BYTES = 20;
  private static final int MAX_ENTRIES = 1_000_000;

  private final MemorySegment zip;

  /**
   * A file inside.
   *
   * @param data null where it is compressed
   * @param offset of its first byte in the archive
   */
  record Entry(String name, MemorySegment data, long offset) {
    /**
     * @throws PickleException when the file is compressed
     */
    MemorySegment stored() throws PickleException {
      if (data != null) return data;
      throw new PickleException("'" + name + "' in it is compressed, which torch never does");
    }
  }

  private ZipDirectory(MemorySegment zip) {
    this.zip = zip;
  }

  /**
   * @throws PickleException when the archive is broken
   */
  static Map<String, Entry> read(MemorySegment zip) throws PickleException {
    try {
      return new ZipDirectory(zip).entries();
    } catch (IndexOutOfBoundsException e) {
      throw new PickleException(
          "the zip archive points outside of itself: it is cut off or broken");
    }
  }

  private Map<String, Entry> entries() throws PickleException {
    long end = endRecord();
    long count = ushort(end + 10);
    long at = uint(end + 16);
    long locator = end - LOCATOR_BYTES;
    if (locator >= 0 && zip.get(INT, locator) == END_64_LOCATOR) {
      long end64 = zip.get(LONG, locator + 8);
      if (end64 < 0 || zip.get(INT, end64) != END_64)
        throw new PickleException("the zip archive's 64-bit end record is not where it should be");
      count = zip.get(LONG, end64 + 32);
      at = zip.get(LONG, end64 + 48);
    }
    if (count < 0 || count > MAX_ENTRIES)
      throw new PickleException("the zip archive claims to hold " + count + " files");
    Map<String, Entry> entries = new HashMap<>();
    for (long i = 0; i < count; i++) {
      if (zip.get(INT, at) != CENTRAL_HEADER)
        throw new PickleException("the zip archive's directory is broken at byte " + at);
      Entry entry = entry(at);
      if (entries.put(entry.name(), entry) != null)
        throw new PickleException("the zip archive holds '" + entry.name() + "' twice");
      at += 46 + ushort(at + 28) + ushort(at + 30) + ushort(at + 32);
    }
    return entries;
  }

  /** The end record is the last thing but a comment of at most 64 KiB. */
  private long endRecord() throws PickleException {
    long last = zip.byteSize() - END_BYTES;
    for (long at = last; at >= 0 && at >= last - 0xffff; at--)
      if (zip.get(INT, at) == END && ushort(at + 20) == last - at) return at;
    throw new PickleException("the zip archive has no end: it is cut off");
  }

  private Entry entry(long at) throws PickleException {
    int nameBytes = ushort(at + 28);
    String name =
        new String(
            zip.asSlice(at + 46, nameBytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    if ((ushort(at + 8) & 1) != 0) throw new PickleException("'" + name + "' in it is encrypted");
    long stored = uint(at + 20);
    long size = uint(at + 24);
    long header = uint(at + 42);
    long extra = at + 46 + nameBytes;
    long extraEnd = extra + ushort(at + 30);
    while (extra + 4 <= extraEnd) {
      long field = extra + 4;
      if (ushort(extra) == 1) {
        if (size == 0xffffffffL) size = zip.get(LONG, (field += 8) - 8);
        if (stored == 0xffffffffL) stored = zip.get(LONG, (field += 8) - 8);
        if (header == 0xffffffffL) header = zip.get(LONG, field);
      }
      extra += 4 + ushort(extra + 2);
    }
    boolean compressed = ushort(at + 10) != 0;
    if (size != stored && !compressed || size < 0 || stored < 0 || header < 0)
      throw new PickleException("'" + name + "' in it has the sizes " + stored + " and " + size);
    if (zip.get(INT, header) != LOCAL_HEADER)
      throw new PickleException("'" + name + "' in it is not where the directory says");
    long data = header + 30 + ushort(header + 26) + ushort(header + 28);
    return new Entry(name, compressed ? null : zip.asSlice(data, size), data);
  }

  private int ushort(long at) {
    return zip.get(SHORT, at) & 0xffff;
  }

  private long uint(long at) {
    return zip.get(INT, at) & 0xffffffffL;
  }
}
