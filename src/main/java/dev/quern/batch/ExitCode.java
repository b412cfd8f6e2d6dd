package dev.quern.batch;

import dev.quern.batch.store.MismatchException;
import java.io.IOException;

/**
 * What a job's exit code tells a scheduler: 0 done, {@link #BAD_INPUT} and {@link #USAGE} do not
 * run it again, anything else run it again, it goes on where it was.
 */
public final class ExitCode {
  /** Every line has a result and succeeded. */
  public static final int DONE = 0;

  /** The model could not be loaded, or the output not be written. */
  public static final int FAILED = 1;

  /** Wrong arguments, or an output that was made otherwise. */
  public static final int USAGE = 2;

  /** The engine failed. */
  public static final int ENGINE_LOST = 3;

  /** The input cannot be read, or every line has its result and some are errors. */
  public static final int BAD_INPUT = 42;

  /** The deadline came first. */
  public static final int DEADLINE = 75;

  /** Told to stop by a signal. */
  public static final int STOPPED = 143;

  private ExitCode() {}

  /** Of what could not be opened, read or written. */
  public static int of(IOException e) {
    return switch (e) {
      case InputException _ -> BAD_INPUT;
      case MismatchException _ -> USAGE;
      default -> FAILED;
    };
  }
}
