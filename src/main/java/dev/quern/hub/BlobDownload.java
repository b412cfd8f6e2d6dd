package dev.quern.hub;

import dev.quern.hub.HubException.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/**
 * Brings one blob into the cache.
 *
 * <p>The bytes are appended to {@code <etag>.incomplete} in order, so that this file is at any
 * moment a true beginning of the blob: a process that is killed leaves what the next one goes on
 * from. A large file comes as ranges, several at once; those that are ready too early wait in
 * memory, and a permit per range, shared by all files, bounds how many there are. The hash is taken
 * as bytes are appended. Only a file with the right size and hash is renamed to its name.
 */
final class BlobDownload {
  private final HubClient client;
  private final HubOptions options;
  private final Subject subject;
  private final RemoteFile file;
  private final URI address;
  private final Path blob;
  private final ExecutorService threads;
  private final Semaphore permits;
  private final DownloadListener listener;

  /** Where the hub last redirected to; null to ask it again. */
  private volatile URI location;

  BlobDownload(
      HubClient client,
      Subject subject,
      RemoteFile file,
      URI address,
      Path blob,
      ExecutorService threads,
      Semaphore permits,
      DownloadListener listener) {
    this.client = client;
    this.options = client.options();
    this.subject = subject;
    this.file = file;
    this.address = address;
    this.blob = blob;
    this.threads = threads;
    this.permits = permits;
    this.listener = listener;
  }

  /**
   * Downloads the blob, going on from an earlier try. Whoever calls holds the blob's lock.
   *
   * @throws HubException the one clear reason why it did not work
   */
  void run() {
    Path incomplete = blob.resolveSibling(blob.getFileName() + ".incomplete");
    try {
      for (int attempt = 0; attempt < 2; attempt++) {
        if (fetch(incomplete)) {
          Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE);
          return;
        }
        listener.bytes(-file.bytes(), false);
        Files.delete(incomplete);
      }
    } catch (IOException e) {
      throw HubErrors.disk(subject, e);
    }
    throw new HubException(
        Kind.CHECKSUM,
        "%s came twice with other bytes than its hash %s says. Something on the way changes files, such as a proxy or cache"
            .formatted(subject, file.etag()));
  }

  /** Completes {@code incomplete}; false where its bytes are not those announced. */
  private boolean fetch(Path incomplete) throws IOException {
    try (GrowingBlob output = GrowingBlob.open(incomplete, file)) {
      long begun = output.position();
      listener.bytes(begun, true);
      checkSpace(file.bytes() - begun);
      if (file.bytes() - begun <= options.chunkBytes() || !ranges(output)) whole(output);
      return output.finish();
    }
  }

  private void checkSpace(long needed) throws IOException {
    long usable = Files.getFileStore(blob.getParent()).getUsableSpace();
    if (needed > usable)
      throw new HubException(
          Kind.DISK_FULL,
          "%s needs %d MB but %s has %d MB left. Free some space, or keep models elsewhere by HF_HUB_CACHE"
              .formatted(subject, needed / 1_000_000, blob.getParent(), usable / 1_000_000));
  }

  private record Pending(Future<byte[]> bytes) {}

  /** Fetches the rest in ranges; false where the server has none. */
  private boolean ranges(GrowingBlob output) throws IOException {
    ArrayDeque<Pending> window = new ArrayDeque<>();
    long next = output.position();
    try {
      while (output.position() < file.bytes()) {
        while (next < file.bytes() && permit(window.isEmpty())) {
          long from = next;
          int length = (int) Math.min(options.chunkBytes(), file.bytes() - from);
          window.add(new Pending(threads.submit(() -> range(from, length))));
          next = from + length;
        }
        byte[] bytes = window.getFirst().bytes().get();
        window.removeFirst();
        permits.release();
        output.append(ByteBuffer.wrap(bytes));
      }
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RangeSink.RangesIgnored) return false;
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubException(Kind.LOCAL, "interrupted while fetching " + subject, e);
    } finally {
      for (Pending pending : window) {
        pending.bytes().cancel(true);
        permits.release();
      }
    }
  }

  /** The first range of a file must get through; further ones only where there is room. */
  private boolean permit(boolean must) throws InterruptedException {
    if (!must) return permits.tryAcquire();
    permits.acquire();
    return true;
  }

  /** One range, going on where a broken connection left it. */
  private byte[] range(long from, int length) {
    byte[] bytes = new byte[length];
    RangeSink piece = new RangeSink(bytes, from, file, subject, listener);
    retrying(
        () -> ask("bytes=%d-%d".formatted(from + piece.position(), from + length - 1), piece),
        piece::position,
        length);
    return bytes;
  }

  /** The whole file in one answer, of which what is here already is skipped. */
  private void whole(GrowingBlob output) {
    if (output.position() == file.bytes() && file.bytes() > 0) return;
    permits.acquireUninterruptibly();
    try {
      retrying(
          () -> {
            boolean rest = output.position() > 0;
            String range = "bytes=%d-%d".formatted(output.position(), file.bytes() - 1);
            ask(rest ? range : null, new RestSink(output, file, subject, listener));
          },
          () -> output.position(),
          file.bytes());
    } finally {
      permits.release();
    }
  }

  /** One request; a redirect's target is kept for the next one. */
  private void ask(String range, HttpBody.Sink sink) {
    URI known = location;
    try {
      HubHttp.Answer answer =
          client.http().get(subject, known == null ? address : known, range, sink);
      if (answer.etag() != null && !answer.etag().equals(file.etag()))
        throw HubErrors.mismatch(subject, "hash", file.etag(), answer.etag());
      if (!answer.uri().equals(address)) location = answer.uri();
    } catch (HubException e) {
      // Addresses of a delivery network are signed for a while only: the next try asks the hub.
      location = null;
      throw e;
    }
  }

  /** Tries until the position is {@code end}; only tries in a row that bring nothing count. */
  private void retrying(Runnable attempt, LongSupplier position, long end) {
    Backoff backoff = new Backoff(options);
    while (true) {
      long before = position.getAsLong();
      try {
        attempt.run();
        if (position.getAsLong() == end) return;
        throw new HubException(Kind.DROPPED, "the answer for " + subject + " ended too early");
      } catch (HubException e) {
        if (position.getAsLong() > before) backoff.progress();
        backoff.pauseAfter(e);
      }
    }
  }
}
