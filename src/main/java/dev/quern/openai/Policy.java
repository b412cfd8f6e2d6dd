package dev.quern.openai;

/**
 * What the operator decided about all calls.
 *
 * @param trustRequestChatTemplate a body may bring its own chat template
 * @param promptTokensDetails usage tells how many prompt tokens came from the prefix cache
 * @param forceIncludeUsage every stream ends with usage
 * @param responseRole the role of a chat's answers
 * @param contentFormat how templates get a message's content
 */
public record Policy(
    boolean trustRequestChatTemplate,
    boolean promptTokensDetails,
    boolean forceIncludeUsage,
    String responseRole,
    ContentFormat contentFormat) {
  public static final Policy DEFAULT =
      new Policy(false, false, false, "assistant", ContentFormat.AUTO);
}
