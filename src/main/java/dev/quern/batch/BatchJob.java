package dev.quern.batch;

import dev.quern.engine.EngineLostException;
import dev.quern.engine.ServedModel;
import dev.quern.openai.Policy;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A JSONL file of prompts run through a model: exactly one result line per input line that is not
 * blank. Files are opened first, so that a wrong path is told of before a model is loaded:
 *
 * <pre>{@code
 * try (var job = BatchJob.open("prompts.jsonl", "results.jsonl", BatchOptions.DEFAULT)) {
 *   return job.run(model, Policy.DEFAULT, List.of());
 * }
 * }</pre>
 */
public final class BatchJob implements AutoCloseable {
  /** Every line succeeded. */
  public static final int EXIT_DONE = 0;

  /** The job ran to its end; some lines failed. */
  public static final int EXIT_LINES_FAILED = 1;

  /** The input or the output could not be opened, read or written. */
  public static final int EXIT_FILES = 2;

  /** The engine failed; lines that have no result yet may be run again. */
  public static final int EXIT_ENGINE_LOST = 3;

  private final LineReader reader;
  private final Long inputBytes;
  private final Results results;
  private final PrintStream err;
  private final boolean progress;
  private final BatchOptions options;
  private final long openedNanos = System.nanoTime();

  BatchJob(
      InputStream in,
      Long inputBytes,
      Results results,
      PrintStream err,
      boolean progress,
      BatchOptions options) {
    this.reader = new LineReader(in, options.maxLineBytes());
    this.inputBytes = inputBytes;
    this.results = results;
    this.err = err;
    this.progress = progress;
    this.options = options;
  }

  /**
   * Opens both ends.
   *
   * @param input a path, or {@code -} for standard input
   * @param output a path; {@code -} for result lines on standard output; null for standard output
   *     as whoever is there wants it: readable text on a terminal, else result lines
   * @throws IOException with a message for the user
   */
  public static BatchJob open(String input, String output, BatchOptions options)
      throws IOException {
    boolean stdin = input.equals("-");
    Path inputPath = stdin ? null : Path.of(input);
    InputStream in = stdin ? new FileInputStream(FileDescriptor.in) : openInput(inputPath);
    try {
      Long inputBytes =
          !stdin && Files.isRegularFile(inputPath) ? (Long) Files.size(inputPath) : null;
      Results results = openOutput(output, inputPath, options);
      return new BatchJob(
          in, inputBytes, results, System.err, Terminal.isTerminal(Terminal.STDERR), options);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static InputStream openInput(Path path) throws IOException {
    if (Files.isDirectory(path)) throw new IOException("input " + path + " is a folder");
    try {
      return Files.newInputStream(path);
    } catch (NoSuchFileException e) {
      throw new IOException("input " + path + " does not exist", e);
    } catch (IOException e) {
      throw new IOException("input " + path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Results openOutput(String output, Path input, BatchOptions options)
      throws IOException {
    if (output == null && Terminal.isTerminal(Terminal.STDOUT))
      return new ReadableStream(new FileOutputStream(FileDescriptor.out));
    if (output == null || output.equals("-"))
      return new JsonlStream(new FileOutputStream(FileDescriptor.out));
    Path path = Path.of(output);
    if (Files.isDirectory(path)) throw new IOException("output " + path + " is a folder");
    if (input != null && Files.exists(path) && Files.isSameFile(path, input))
      throw new IOException("output " + path + " is the input");
    try {
      return JsonlFile.open(path, options.overwrite());
    } catch (NoSuchFileException e) {
      throw new IOException("output " + path + ": its folder does not exist", e);
    }
  }

  /**
   * Runs every line and prints the summary on standard error.
   *
   * @param notes lines about the model that the summary ends with
   * @return one of the exit codes above
   */
  public int run(ServedModel model, Policy policy, List<String> notes) {
    return run(
        new ModelAnswerer(model, policy),
        model.names(),
        model.engine().settings().maxNumSeqs(),
        notes);
  }

  int run(Answerer answerer, List<String> servedNames, int maxSequences, List<String> notes) {
    Tally tally = new Tally(servedNames, openedNanos);
    int maxLines = options.maxLinesInFlight();
    if (maxLines == 0) maxLines = Math.max(16, Math.multiplyExact(4, maxSequences));
    Flow flow =
        new Flow(
            reader,
            answerer,
            results,
            tally,
            new Progress(progress ? err : null, inputBytes),
            new Window(maxLines, options.maxBytesInFlight()),
            options.ordered(),
            options.maxLineBytes());
    int exit;
    try {
      flow.run();
      exit = tally.failed() == 0 ? EXIT_DONE : EXIT_LINES_FAILED;
    } catch (IOException e) {
      err.println("quern batch: " + e.getMessage());
      exit = EXIT_FILES;
    } catch (EngineLostException e) {
      err.println("quern batch: the engine failed: " + e.getMessage());
      exit = EXIT_ENGINE_LOST;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("quern batch: interrupted");
      exit = EXIT_ENGINE_LOST;
    }
    tally.print(err, notes);
    return exit;
  }

  @Override
  public void close() throws IOException {
    try (results) {
      reader.close();
    }
  }
}
