package dev.quern.hub;

import dev.quern.hub.HubException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Turns what the hub answers, and what the network and the disk do, into errors that help. */
final class HubErrors {
  private final URI endpoint;
  private final boolean hasToken;

  HubErrors(URI endpoint, boolean hasToken) {
    this.endpoint = endpoint;
    this.hasToken = hasToken;
  }

  /** An answer that is no success and no redirect. */
  HubException status(Subject subject, int status, HttpHeaders headers, String body) {
    String code = headers.firstValue("X-Error-Code").orElse("");
    String message = headers.firstValue("X-Error-Message").orElse("");
    return switch (code) {
      case "RepoNotFound" -> notFound(subject);
      case "GatedRepo" -> gated(subject);
      case "RevisionNotFound" ->
          new HubException(
              Kind.REVISION_NOT_FOUND,
              "%s has no revision '%s' on %s; its branches and tags are listed at %s/%s"
                  .formatted(
                      subject.id().text(),
                      subject.revision(),
                      endpoint,
                      endpoint,
                      subject.id().text() + "/tree/main"));
      case "EntryNotFound" -> fileNotFound(subject);
      default -> byStatus(subject, status, headers, message.isEmpty() ? firstLine(body) : message);
    };
  }

  /** An answer of a host that the hub redirects to; its addresses are signed for a while only. */
  HubException delivery(Subject subject, URI uri, int status, HttpHeaders headers) {
    return new HubException(
        status / 100 == 4 && status != 429 ? Kind.DROPPED : Kind.SERVER,
        "%s, where the hub sends us for %s, answers %d"
            .formatted(uri.getAuthority(), subject, status),
        retryAfter(headers),
        null);
  }

  private HubException byStatus(Subject subject, int status, HttpHeaders headers, String message) {
    String said = message.isEmpty() ? "" : ": " + message;
    long retryAfter = retryAfter(headers);
    if (status == 401 && hasToken)
      return new HubException(
          Kind.BAD_TOKEN,
          "%s refuses the access token (%s)%s. Check HF_TOKEN or --hf-token, or make a new one at %s/settings/tokens"
              .formatted(endpoint, subject, said, endpoint));
    if (status == 401) return notFound(subject);
    if (status == 403)
      return new HubException(
          Kind.FORBIDDEN,
          "%s forbids access to %s%s. The token needs read access to this repository"
              .formatted(endpoint, subject, said));
    if (status == 404 || status == 410)
      return subject.file() == null ? notFound(subject) : fileNotFound(subject);
    if (status == 429)
      return new HubException(
          Kind.RATE_LIMITED,
          "%s answers 429, too many requests, for %s%s%s. Wait a little%s"
              .formatted(
                  endpoint,
                  subject,
                  said,
                  retryAfter > 0 ? " (it asks for " + retryAfter + " s)" : "",
                  hasToken ? "" : ", or give a token by HF_TOKEN: its limit is higher"),
          retryAfter,
          null);
    if (status == 408 || status >= 500)
      return new HubException(
          Kind.SERVER,
          "%s answers %d for %s%s. The hub has a problem; try again later"
              .formatted(endpoint, status, subject, said),
          retryAfter,
          null);
    return new HubException(
        Kind.UNEXPECTED, "%s answers %d for %s%s".formatted(endpoint, status, subject, said));
  }

  private HubException notFound(Subject subject) {
    return new HubException(
        Kind.NOT_FOUND,
        "%s is not on %s, or it is private%s"
            .formatted(
                subject.id().text(),
                endpoint,
                hasToken
                    ? " and the token has no access to it"
                    : ": check the name, or give a token by HF_TOKEN or --hf-token"));
  }

  private HubException gated(Subject subject) {
    return new HubException(
        Kind.GATED,
        "%s is gated: accept its terms at %s/%s, then %s"
            .formatted(
                subject.id().text(),
                endpoint,
                subject.id().text(),
                hasToken
                    ? "use a token of the account that did (HF_TOKEN, --hf-token)"
                    : "give a token of your account by HF_TOKEN or --hf-token"));
  }

  private HubException fileNotFound(Subject subject) {
    return new HubException(
        Kind.FILE_NOT_FOUND,
        "%s (revision %s) has no file %s on %s"
            .formatted(subject.id().text(), subject.revision(), subject.file(), endpoint));
  }

  /** A failure on the way; never of a local file. */
  HubException network(Subject subject, URI uri, Throwable failure) {
    if (failure instanceof HubException hub) return hub;
    String host = uri.getAuthority();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException)
        return noNetwork(subject, host, "its name cannot be resolved", failure);
      if (cause instanceof SSLException)
        return new HubException(
            Kind.UNEXPECTED,
            "no secure connection to %s for %s: %s. A proxy may replace certificates: its own must be in Java's trust store"
                .formatted(host, subject, cause.getMessage()),
            failure);
      if (cause instanceof HttpTimeoutException)
        return new HubException(
            Kind.TIMEOUT,
            "%s does not answer in time for %s (HF_HUB_ETAG_TIMEOUT and HF_HUB_DOWNLOAD_TIMEOUT set how long to wait)"
                .formatted(host, subject),
            failure);
      if (cause instanceof ConnectException)
        return noNetwork(subject, host, "no connection", failure);
    }
    return new HubException(
        Kind.DROPPED,
        "the connection to %s broke while fetching %s: %s"
            .formatted(host, subject, failure.getMessage()),
        failure);
  }

  private static HubException noNetwork(
      Subject subject, String host, String what, Throwable failure) {
    return new HubException(
        Kind.NO_NETWORK,
        "cannot reach %s for %s: %s. Check the network, and HTTPS_PROXY where there is a proxy; HF_HUB_OFFLINE=1 uses the cache alone"
            .formatted(host, subject, what),
        failure);
  }

  /** A failure to write to the cache. */
  static HubException disk(Subject subject, IOException failure) {
    String reason = failure instanceof FileSystemException f ? f.getReason() : failure.getMessage();
    String text = String.valueOf(reason).toLowerCase(Locale.ROOT);
    if (text.contains("no space left") || text.contains("quota"))
      return new HubException(
          Kind.DISK_FULL,
          "the disk is full while fetching %s: %s. Free some space, or keep models elsewhere by HF_HUB_CACHE"
              .formatted(subject, failure.getMessage()),
          failure);
    return new HubException(
        Kind.LOCAL,
        "cannot write to the cache while fetching %s: %s%s"
            .formatted(
                subject,
                failure.getMessage(),
                failure instanceof AccessDeniedException ? " (permission denied)" : ""),
        failure);
  }

  /** Something other than what was announced. */
  static HubException mismatch(Subject subject, String what, String expected, String actual) {
    return new HubException(
        Kind.CHECKSUM,
        "%s: the hub announced the %s %s but sends %s. Something on the way changes files, such as a proxy or cache"
            .formatted(subject, what, expected, actual));
  }

  private static long retryAfter(HttpHeaders headers) {
    try {
      return Math.clamp(Long.parseLong(headers.firstValue("Retry-After").orElse("0")), 0, 300);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String firstLine(String body) {
    String line = body.lines().findFirst().orElse("").strip();
    return line.length() > 200 || line.startsWith("<") ? "" : line;
  }
}
