package dev.quern.batch;

import java.io.Closeable;
import java.io.IOException;

/** Where results go, one at a time; each is out of our hands when {@link #write} returns. */
interface Results extends Closeable {
  void write(Result result) throws IOException;
}
