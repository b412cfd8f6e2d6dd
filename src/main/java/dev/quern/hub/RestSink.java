package dev.quern.hub;

import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;

/** Takes the rest of a file in from one answer, which may begin again at the first byte. */
final class RestSink implements HttpBody.Sink {
  private final GrowingBlob output;
  private final RemoteFile file;
  private final Subject subject;
  private final DownloadListener listener;
  private long skip;

  RestSink(GrowingBlob output, RemoteFile file, Subject subject, DownloadListener listener) {
    this.output = output;
    this.file = file;
    this.subject = subject;
    this.listener = listener;
  }

  @Override
  public void begin(ResponseInfo answer) {
    boolean partial = answer.statusCode() == 206;
    skip = partial ? 0 : output.position();
    String expected =
        partial
            ? "bytes %d-%d/%d".formatted(output.position(), file.bytes() - 1, file.bytes())
            : Long.toString(file.bytes());
    String header = partial ? "Content-Range" : "Content-Length";
    String actual = answer.headers().firstValue(header).orElse(partial ? "none" : expected);
    if (!actual.equals(expected)) throw HubErrors.mismatch(subject, header, expected, actual);
  }

  @Override
  public void accept(ByteBuffer bytes) throws IOException {
    int skipped = (int) Math.min(skip, bytes.remaining());
    bytes.position(bytes.position() + skipped);
    skip -= skipped;
    if (output.position() + bytes.remaining() > file.bytes())
      throw HubErrors.mismatch(subject, "size", "" + file.bytes(), "more");
    listener.bytes(bytes.remaining(), false);
    try {
      output.append(bytes);
    } catch (IOException e) {
      throw new HubHttp.DiskException(e);
    }
  }
}
