package dev.quern.openai;

import dev.quern.engine.GenerationListener;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What surrounds a body.
 *
 * @param requestId the answer's id without its prefix, or null for the body's {@code request_id} or
 *     a random one
 * @param anyModel the body's {@code model} is not checked and comes back in the answer
 * @param observers gives each engine request one more listener, for metrics; or null
 * @param stamp what stands in the answer in place of now and of this engine's settings; or null
 */
public record CallOptions(
    String requestId,
    boolean anyModel,
    Policy policy,
    Supplier<GenerationListener> observers,
    Stamp stamp) {

  /**
   * Makes answers that do not depend on when and beside what they are made.
   *
   * @param created seconds since 1970
   */
  public record Stamp(long created, String systemFingerprint) {}

  public CallOptions(
      String requestId, boolean anyModel, Policy policy, Supplier<GenerationListener> observers) {
    this(requestId, anyModel, policy, observers, null);
  }

  /** For a line of a batch file. */
  public static CallOptions ofBatch(String requestId, Policy policy, Stamp stamp) {
    return new CallOptions(requestId, true, policy, null, stamp);
  }

  /** The id for an answer to this body. */
  String id(Fields body) {
    String own = body.text("request_id");
    if (requestId != null) return requestId;
    return own != null && !own.isEmpty() ? own : UUID.randomUUID().toString().replace("-", "");
  }
}
