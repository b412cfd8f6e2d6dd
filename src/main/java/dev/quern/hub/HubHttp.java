package dev.quern.hub;

import dev.quern.hub.HubException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request to the hub at a time per call: follows redirects itself, so that the token goes to
 * the endpoint's host and to no other; gives up on an answer that stalls.
 */
final class HubHttp implements AutoCloseable {
  private static final int MAX_REDIRECTS = 10;

  private final HubOptions options;
  private final HttpClient client;
  private final String userAgent;

  HubHttp(HubOptions options, Environment environment) {
    this.options = options;
    this.userAgent = "quern; java/" + Runtime.version().feature();
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.headTimeout());
    EnvironmentProxies.apply(builder, environment);
    this.client = builder.build();
  }

  /**
   * An answer of 200 or 206, or any other for {@code HEAD}.
   *
   * @param uri where it came from in the end
   * @param etag the hash that the hub itself announced, or null
   */
  record Answer(int status, HttpHeaders headers, URI uri, String etag) {}

  /**
   * Sends one request and its redirects.
   *
   * @param range such as {@code bytes=0-99}, or null
   * @param sink takes the body of a success
   * @throws HubException of a kind that says whether to try again
   */
  Answer get(Subject subject, URI uri, String range, HttpBody.Sink sink) {
    return send("GET", subject, uri, range, sink);
  }

  /** The answer to a {@code HEAD}, with redirects to other hosts not followed. */
  Answer head(Subject subject, URI uri) {
    return send("HEAD", subject, uri, null, bytes -> {});
  }

  private Answer send(String method, Subject subject, URI start, String range, HttpBody.Sink sink) {
    if (options.offline())
      throw new HubException(
          Kind.OFFLINE,
          "the hub is off by HF_HUB_OFFLINE, and " + subject + " is not in the cache");
    HubErrors errors = new HubErrors(options.endpoint(), options.token() != null);
    URI uri = start;
    String etag = null;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpBody body = new HttpBody(sink);
      HttpResponse<HttpBody> response =
          exchange(request(method, uri, range), body, subject, errors);
      HttpHeaders headers = response.headers();
      int status = response.statusCode();
      boolean redirect = status / 100 == 3 && headers.firstValue("Location").isPresent();
      if (ours(uri) && etag == null)
        etag =
            RemoteFile.normalised(
                headers
                    .firstValue("X-Linked-Etag")
                    .or(() -> redirect ? java.util.Optional.empty() : headers.firstValue("ETag"))
                    .orElse(null));
      if (!redirect) {
        if (status == 200 || status == 206) return new Answer(status, headers, uri, etag);
        throw ours(uri)
            ? errors.status(subject, status, headers, body.text())
            : errors.delivery(subject, uri, status, headers);
      }
      URI next = target(subject, uri, headers.firstValue("Location").get());
      if (method.equals("HEAD") && !ours(next)) return new Answer(status, headers, uri, etag);
      uri = next;
    }
    throw new HubException(
        Kind.UNEXPECTED,
        start + " redirects more than " + MAX_REDIRECTS + " times (" + subject + ")");
  }

  private static URI target(Subject subject, URI from, String location) {
    try {
      URI to = from.resolve(location);
      boolean downgrade = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
      if (to.getHost() != null && !downgrade && to.getScheme().startsWith("http")) return to;
    } catch (IllegalArgumentException e) {
      // Named below.
    }
    throw new HubException(
        Kind.UNEXPECTED,
        "%s redirects to '%s', which is not followed (%s)".formatted(from, location, subject));
  }

  private HttpRequest request(String method, URI uri, String range) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("User-Agent", userAgent)
            .header("Accept-Encoding", "identity");
    if (range != null) builder.header("Range", range);
    if (options.token() != null && ours(uri))
      builder.header("Authorization", "Bearer " + options.token());
    return builder.build();
  }

  /** The same host, port and scheme as the endpoint. */
  private boolean ours(URI uri) {
    return uri.getScheme().equals(options.endpoint().getScheme())
        && uri.getHost().equalsIgnoreCase(options.endpoint().getHost())
        && port(uri) == port(options.endpoint());
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) return uri.getPort();
    return uri.getScheme().equals("https") ? 443 : 80;
  }

  private HttpResponse<HttpBody> exchange(
      HttpRequest request, HttpBody body, Subject subject, HubErrors errors) {
    CompletableFuture<HttpResponse<HttpBody>> answer = client.sendAsync(request, body::begin);
    try {
      while (true) {
        try {
          return answer.get(50, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          Duration patience = body.begun() ? options.idleTimeout() : options.headTimeout();
          if (body.idleNanos() > patience.toNanos())
            throw errors.network(
                subject, request.uri(), new HttpTimeoutException("nothing came for " + patience));
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DiskException disk) throw HubErrors.disk(subject, disk.failure());
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw errors.network(subject, request.uri(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubException(Kind.LOCAL, "interrupted while fetching " + subject, e);
    } finally {
      answer.cancel(true);
    }
  }

  /** Carries a failure of a sink's file past those of the network. */
  static final class DiskException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DiskException(java.io.IOException failure) {
      super(failure);
    }

    java.io.IOException failure() {
      return (java.io.IOException) getCause();
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
