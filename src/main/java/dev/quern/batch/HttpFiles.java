package dev.quern.batch;

import dev.quern.batch.store.LineHash;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Files at http(s) addresses, such as presigned ones of an object store: fetched by GET, stored by
 * PUT, each whole. An address may carry a signature that changes, so it is known by its path.
 */
final class HttpFiles {
  private static final int TRIES = 5;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  private HttpFiles() {}

  static boolean isAddress(String name) {
    return name.startsWith("http://") || name.startsWith("https://");
  }

  static String path(String address) {
    return address.replaceFirst("[?#].*", "");
  }

  /** A name for the file on this machine, the same at every attempt. */
  static String localName(String address) {
    String path = path(address);
    String last = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]", "_");
    long hash = LineHash.of(path.getBytes(StandardCharsets.UTF_8));
    return "quern-" + HexFormat.of().toHexDigits(hash) + "-" + last;
  }

  static Path fetch(String address, Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(localName(address) + ".input");
    Path fresh = Files.createTempFile(folder, "quern-", ".fetching");
    try {
      HttpRequest request = HttpRequest.newBuilder(uri(address)).GET().build();
      send(
          request,
          BodyHandlers.ofFile(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING),
          "GET " + path(address),
          true);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
    return file;
  }

  static void store(Path file, String address) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(address)).PUT(BodyPublishers.ofFile(file)).build();
    send(request, BodyHandlers.discarding(), "PUT " + path(address), false);
  }

  private static URI uri(String address) throws InputException {
    try {
      return URI.create(address);
    } catch (IllegalArgumentException e) {
      throw new InputException("address " + address + ": " + e.getMessage(), e);
    }
  }

  /** What the server refuses is refused for good; what it fails at is tried again. */
  private static <T> void send(
      HttpRequest request, HttpResponse.BodyHandler<T> body, String what, boolean input)
      throws IOException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      for (int attempt = 1; ; attempt++) {
        String problem;
        try {
          int status = client.send(request, body).statusCode();
          if (status / 100 == 2) return;
          problem = what + ": the server answers " + status;
          boolean passing = status / 100 == 5 || status == 408 || status == 429;
          if (!passing)
            throw input ? new InputException(problem, null) : new RefusedException(problem);
        } catch (InputException | RefusedException e) {
          throw e;
        } catch (IOException e) {
          problem = what + ": " + (e.getMessage() == null ? e.toString() : e.getMessage());
        }
        if (attempt == TRIES) throw new IOException(problem + " (" + TRIES + " tries)");
        Thread.sleep(PAUSE.multipliedBy(attempt));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(what + ": interrupted", e);
    }
  }

  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }
}
