package dev.quern.batch;

import dev.quern.batch.store.LocalDisk;
import dev.quern.batch.store.OutputOptions;
import dev.quern.batch.store.ResultLog;
import dev.quern.batch.store.SegmentFolder;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Opens what an output's name stands for. */
final class Targets {
  private Targets() {}

  /**
   * @param output a path; {@code -} for result lines on standard output; null for standard output
   *     as whoever is there wants it: readable text on a terminal, else result lines
   */
  static Target open(String output, Input input, BatchOptions options) throws IOException {
    if (output == null && Terminal.isTerminal(Terminal.STDOUT))
      return Target.stream(new ReadableStream(new FileOutputStream(FileDescriptor.out)));
    if (output == null || output.equals("-"))
      return Target.stream(new JsonlStream(new FileOutputStream(FileDescriptor.out)));
    if (HttpFiles.isAddress(output)) {
      Files.createDirectories(options.scratch());
      return log(options.scratch().resolve(HttpFiles.localName(output)), output, input, options);
    }
    Path path = Path.of(output);
    if (Files.isDirectory(path) || output.endsWith("/")) return folder(path, input, options);
    if (Files.exists(path) && !Files.isRegularFile(path))
      return Target.stream(new JsonlStream(new FileOutputStream(path.toFile())));
    if (input.file() != null && Files.exists(path) && Files.isSameFile(path, input.file()))
      throw new IOException("output " + path + " is the input");
    return log(path, null, input, options);
  }

  private static Target log(Path path, String address, Input input, BatchOptions options)
      throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent))
      throw new IOException("output " + path + ": its folder does not exist");
    try {
      ResultLog log = ResultLog.open(new LocalDisk(), path, outputOptions(options));
      return new Target(
          new StoredResults(log, options.shard(), input.isStream()),
          log,
          log.output(),
          log.report(),
          address);
    } catch (NoSuchFileException e) {
      throw new IOException("output " + path + ": " + e.getMessage() + " is not there", e);
    }
  }

  private static Target folder(Path path, Input input, BatchOptions options) throws IOException {
    Path scratch = Files.createTempFile("quern-", ".lines");
    SegmentFolder folder =
        SegmentFolder.open(new LocalDisk(), path, outputOptions(options), scratch);
    return new Target(
        new StoredResults(folder, options.shard(), input.isStream()),
        folder,
        path,
        folder.report(),
        null);
  }

  private static OutputOptions outputOptions(BatchOptions options) {
    return new OutputOptions(
        options.shard(), options.again().overwrite(), options.again().retryFailed(), holder());
  }

  private static String holder() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "this machine";
    }
    return "process %d on %s since %s"
        .formatted(
            ProcessHandle.current().pid(), host, Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }
}
