package dev.quern.engine;

/** Why an output ended. */
public enum FinishReason {
  STOP("stop"),
  LENGTH("length"),
  ABORT("abort");

  private final String wireName;

  FinishReason(String wireName) {
    this.wireName = wireName;
  }

  /** The name in OpenAI's responses. */
  public String wireName() {
    return wireName;
  }
}
