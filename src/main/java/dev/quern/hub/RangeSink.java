package dev.quern.hub;

import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;

/** Takes one range of a file in, over several answers where connections break. */
final class RangeSink implements HttpBody.Sink {
  /** The server answers a range with the whole file. */
  static final class RangesIgnored extends RuntimeException {
    private static final long serialVersionUID = 1;

    RangesIgnored() {
      super(null, null, false, false);
    }
  }

  private final ByteBuffer buffer;
  private final long from;
  private final RemoteFile file;
  private final Subject subject;
  private final DownloadListener listener;

  /**
   * @param bytes as many as the range has
   * @param from where the range begins in the file
   */
  RangeSink(byte[] bytes, long from, RemoteFile file, Subject subject, DownloadListener listener) {
    this.buffer = ByteBuffer.wrap(bytes);
    this.from = from;
    this.file = file;
    this.subject = subject;
    this.listener = listener;
  }

  /** Bytes of the range that are there. */
  int position() {
    return buffer.position();
  }

  @Override
  public void begin(ResponseInfo answer) {
    if (answer.statusCode() == 200) throw new RangesIgnored();
    String expected =
        "bytes %d-%d/%d"
            .formatted(from + buffer.position(), from + buffer.capacity() - 1, file.bytes());
    String actual = answer.headers().firstValue("Content-Range").orElse("none");
    if (!actual.equals(expected))
      throw HubErrors.mismatch(subject, "Content-Range", expected, actual);
  }

  @Override
  public void accept(ByteBuffer bytes) {
    if (bytes.remaining() > buffer.remaining())
      throw HubErrors.mismatch(subject, "length of a range", "" + buffer.capacity(), "more");
    listener.bytes(bytes.remaining(), false);
    buffer.put(bytes);
  }
}
