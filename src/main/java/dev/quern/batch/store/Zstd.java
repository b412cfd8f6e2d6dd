package dev.quern.batch.store;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Zstandard, behind a class of its own so that its native library loads only where it is used. */
final class Zstd {
  private Zstd() {}

  /** Frames may follow each other, as tools write that work in parallel. */
  static InputStream unpack(InputStream in) throws IOException {
    return new ZstdInputStream(in);
  }

  static OutputStream pack(OutputStream out) throws IOException {
    return new ZstdOutputStream(out).setChecksum(true);
  }
}
