package dev.quern.hub;

import dev.quern.hub.HubException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What the hub can be asked: which files a revision has, and their bytes. */
final class HubClient implements AutoCloseable {
  private final HubOptions options;
  private final HubHttp http;

  HubClient(HubOptions options, Environment environment) {
    this.options = options;
    this.http = new HubHttp(options, environment);
  }

  HubHttp http() {
    return http;
  }

  HubOptions options() {
    return options;
  }

  /** The commit that a revision stands for now, and its files. */
  RepoListing listing(RepoId id, String revision) {
    Subject subject = new Subject(id, revision, null);
    URI uri =
        URI.create(
            "%s/api/models/%s/revision/%s?blobs=true"
                .formatted(options.endpoint(), id.text(), encoded(revision)));
    byte[] json = small(subject, uri);
    try {
      return RepoListing.parse(json);
    } catch (IOException e) {
      throw new HubException(
          Kind.UNEXPECTED,
          "%s does not answer as a hub does for %s: %s. Check HF_ENDPOINT and the proxy"
              .formatted(options.endpoint(), subject, e.getMessage()),
          e);
    }
  }

  /** A file whose hash or size the listing left out, as its own address tells them. */
  RemoteFile described(Subject subject, RemoteFile file) {
    Subject about = subject.file(file.path());
    Backoff backoff = new Backoff(options);
    while (true) {
      try {
        HubHttp.Answer answer = http.head(about, address(subject.id(), subject.revision(), file));
        HttpHeaders headers = answer.headers();
        long bytes =
            headers
                .firstValueAsLong("X-Linked-Size")
                .orElseGet(
                    () ->
                        answer.status() / 100 == 3
                            ? -1
                            : headers.firstValueAsLong("Content-Length").orElse(-1));
        if (answer.etag() == null || !RemoteFile.plainEtag(answer.etag()) || bytes < 0)
          throw new HubException(
              Kind.UNEXPECTED,
              "%s tells neither hash nor size of %s: it is not a hub"
                  .formatted(options.endpoint(), about));
        return new RemoteFile(file.path(), bytes, answer.etag());
      } catch (HubException e) {
        backoff.pauseAfter(e);
      }
    }
  }

  URI address(RepoId id, String commit, RemoteFile file) {
    return URI.create(
        "%s/%s/resolve/%s/%s"
            .formatted(
                options.endpoint(),
                id.text(),
                encoded(commit),
                encoded(file.path()).replace("%2F", "/")));
  }

  private byte[] small(Subject subject, URI uri) {
    Backoff backoff = new Backoff(options);
    while (true) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        http.get(subject, uri, null, new SmallBody(bytes, subject));
        return bytes.toByteArray();
      } catch (HubException e) {
        backoff.pauseAfter(e);
      }
    }
  }

  private record SmallBody(ByteArrayOutputStream bytes, Subject subject) implements HttpBody.Sink {
    @Override
    public void begin(ResponseInfo answer) {
      bytes.reset();
    }

    @Override
    public void accept(ByteBuffer buffer) {
      if (bytes.size() + buffer.remaining() > RepoListing.MAX_BYTES)
        throw new HubException(
            Kind.UNEXPECTED,
            "the answer about " + subject + " is larger than " + RepoListing.MAX_BYTES + " bytes");
      byte[] piece = new byte[buffer.remaining()];
      buffer.get(piece);
      bytes.writeBytes(piece);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    http.close();
  }
}
