package dev.quern.engine;

/** A request that can never be served as it stands: the client's 400. */
public final class InvalidRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String param;

  /**
   * @param param the field at fault, or null
   */
  public InvalidRequestException(String message, String param) {
    super(message);
    this.param = param;
  }

  public String param() {
    return param;
  }
}
