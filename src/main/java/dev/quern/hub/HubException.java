package dev.quern.hub;

/**
 * A model that cannot be found or brought here; the message says where we looked and what to do.
 */
public final class HubException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What went wrong, for those who act on it. */
  public enum Kind {
    /** A name, revision, token or setting that cannot be right. */
    INVALID(false),
    /** Files on this machine that are incomplete or cannot be read or written. */
    LOCAL(false),
    /** No such repository, or a private one. */
    NOT_FOUND(false),
    /** A repository whose licence has to be accepted first. */
    GATED(false),
    BAD_TOKEN(false),
    FORBIDDEN(false),
    REVISION_NOT_FOUND(false),
    FILE_NOT_FOUND(false),
    /** Downloads are switched off, and the files are not here. */
    OFFLINE(false),
    NO_NETWORK(true),
    TIMEOUT(true),
    /** The connection broke in the middle. */
    DROPPED(true),
    RATE_LIMITED(true),
    SERVER(true),
    DISK_FULL(false),
    /** Bytes that are not those that were announced. */
    CHECKSUM(false),
    /** A reply that no hub gives. */
    UNEXPECTED(false);

    private final boolean retryable;

    Kind(boolean retryable) {
      this.retryable = retryable;
    }

    /** The same request may work a little later. */
    public boolean retryable() {
      return retryable;
    }
  }

  private final Kind kind;
  private final long retryAfterSeconds;

  HubException(Kind kind, String message) {
    this(kind, message, 0, null);
  }

  HubException(Kind kind, String message, Throwable cause) {
    this(kind, message, 0, cause);
  }

  HubException(Kind kind, String message, long retryAfterSeconds, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  public Kind kind() {
    return kind;
  }

  /** How long the server asks to wait; 0 where it does not say. */
  long retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
