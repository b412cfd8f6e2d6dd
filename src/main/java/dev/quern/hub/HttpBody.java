package dev.quern.hub;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/**
 * Takes in the body of one answer: that of a success goes to a sink as it comes, a short beginning
 * of any other is kept for the message. Knows when the last byte came, which the client's own
 * time-outs do not cover.
 */
final class HttpBody implements BodySubscriber<HttpBody> {
  /** Where the bytes of a success go. */
  interface Sink {
    /**
     * Called once before the bytes, on an answer of 200 or 206.
     *
     * @throws HubException to refuse the answer
     */
    default void begin(ResponseInfo answer) {}

    void accept(ByteBuffer bytes) throws IOException;
  }

  private static final int KEPT_BYTES = 2000;

  private final Sink sink;
  private final CompletableFuture<HttpBody> done = new CompletableFuture<>();
  private final ByteBuffer kept = ByteBuffer.allocate(KEPT_BYTES);
  private volatile long lastNanos = System.nanoTime();
  private volatile boolean begun;
  private boolean success;
  private Subscription subscription;

  HttpBody(Sink sink) {
    this.sink = sink;
  }

  /** Called when the head of the answer is there. */
  HttpBody begin(ResponseInfo answer) {
    success = answer.statusCode() == 200 || answer.statusCode() == 206;
    lastNanos = System.nanoTime();
    begun = true;
    if (success) {
      try {
        sink.begin(answer);
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
      }
    }
    return this;
  }

  /** The head of the answer is there. */
  boolean begun() {
    return begun;
  }

  /** Nanoseconds since anything came. */
  long idleNanos() {
    return System.nanoTime() - lastNanos;
  }

  /** The beginning of the body of an answer that is no success. */
  String text() {
    return new String(kept.array(), 0, kept.position(), StandardCharsets.UTF_8).strip();
  }

  @Override
  public CompletionStage<HttpBody> getBody() {
    return done;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    this.subscription = subscription;
    if (done.isCompletedExceptionally()) subscription.cancel();
    else subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    lastNanos = System.nanoTime();
    try {
      for (ByteBuffer buffer : buffers) {
        if (success) sink.accept(buffer);
        else kept.put(buffer.limit(Math.min(buffer.limit(), buffer.position() + kept.remaining())));
      }
    } catch (IOException | RuntimeException e) {
      subscription.cancel();
      done.completeExceptionally(e);
    }
  }

  @Override
  public void onError(Throwable error) {
    done.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    done.complete(this);
  }
}
