package dev.quern.engine;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * The only way into an engine's thread: new tasks and cancelled ones, in the order they came, and
 * whether any are taken. With nothing to do the thread waits here.
 */
final class EngineDoor {
  /** What comes in. */
  sealed interface Message {
    GenerationTask task();

    record Start(GenerationTask task) implements Message {}

    record Cancel(GenerationTask task) implements Message {}
  }

  private final ConcurrentLinkedQueue<Message> messages = new ConcurrentLinkedQueue<>();
  private volatile Thread thread;
  private volatile boolean closing;
  private volatile EngineLostException ended;

  boolean isOpen() {
    return ended == null && !closing;
  }

  /** Why nothing is taken any more. */
  EngineLostException lost() {
    EngineLostException reason = ended;
    return reason == null
        ? new EngineLostException("the engine is closed", null)
        : new EngineLostException(reason.getMessage(), reason.getCause());
  }

  void start(GenerationTask task) {
    Message message = new Message.Start(task);
    send(message);
    // The loop may have ended since it was looked at, and will not look at the door again.
    if (ended != null && messages.remove(message)) throw lost();
  }

  void cancel(GenerationTask task) {
    send(new Message.Cancel(task));
  }

  void close() {
    closing = true;
    LockSupport.unpark(thread);
  }

  private void send(Message message) {
    messages.add(message);
    LockSupport.unpark(thread);
  }

  // The rest is the engine's thread's own.

  /** This is the thread that takes messages. */
  void attend() {
    thread = Thread.currentThread();
  }

  boolean closing() {
    return closing;
  }

  /** The next message, or null. */
  Message poll() {
    return messages.poll();
  }

  /** Returns when something may have come. */
  void await() {
    LockSupport.park(this);
    // An interrupt left standing would turn parking into spinning.
    Thread.interrupted();
  }

  /** Nothing is taken from now on; what came before can still be polled. */
  void end(EngineLostException reason) {
    ended = reason;
  }
}
