package dev.quern.batch.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** How a file is compressed, by its name's ending. */
public enum Packing {
  NONE {
    @Override
    public InputStream unpack(InputStream in) {
      return in;
    }

    @Override
    public OutputStream pack(OutputStream out) {
      return out;
    }
  },
  GZIP {
    @Override
    public InputStream unpack(InputStream in) throws IOException {
      return new GZIPInputStream(in, BUFFER_BYTES);
    }

    @Override
    public OutputStream pack(OutputStream out) throws IOException {
      return new GZIPOutputStream(out, BUFFER_BYTES);
    }
  },
  ZSTD {
    @Override
    public InputStream unpack(InputStream in) throws IOException {
      return Zstd.unpack(in);
    }

    @Override
    public OutputStream pack(OutputStream out) throws IOException {
      return Zstd.pack(out);
    }
  };

  private static final int BUFFER_BYTES = 1 << 16;

  public abstract InputStream unpack(InputStream in) throws IOException;

  /** Closing the stream closes the one below. */
  public abstract OutputStream pack(OutputStream out) throws IOException;

  public static Packing of(Path file) {
    return of(file.getFileName().toString());
  }

  public static Packing of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".gz")) return GZIP;
    return lower.endsWith(".zst") || lower.endsWith(".zstd") ? ZSTD : NONE;
  }
}
