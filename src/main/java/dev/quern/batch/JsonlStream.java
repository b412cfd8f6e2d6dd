package dev.quern.batch;

import java.io.IOException;
import java.io.OutputStream;

/** Result lines on a stream, flushed one by one. */
record JsonlStream(OutputStream out) implements Results {
  @Override
  public void write(Result result) throws IOException {
    try {
      out.write(result.toLine());
      out.flush();
    } catch (IOException e) {
      throw new IOException("cannot write to standard output: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    // The standard stream stays open for others.
  }
}
