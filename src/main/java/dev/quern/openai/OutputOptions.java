package dev.quern.openai;

/**
 * Which optional parts an answer has.
 *
 * @param returnTokenIds ids beside texts, of prompt and output
 * @param promptLogprobs the body asks for them by that name
 * @param promptTokensDetails usage tells of cached tokens
 * @param includeUsage a stream ends with usage
 * @param continuousUsage each chunk has the usage so far
 */
record OutputOptions(
    boolean returnTokenIds,
    boolean promptLogprobs,
    boolean promptTokensDetails,
    boolean stream,
    boolean includeUsage,
    boolean continuousUsage) {

  static OutputOptions read(Fields body, CallOptions options) {
    boolean stream = body.flag("stream", false);
    Fields streamOptions = body.object("stream_options");
    if (streamOptions != null && !stream)
      throw ApiException.badRequest(
          "stream_options is only allowed when stream is true", "stream_options");
    boolean promptLogprobs = body.get("prompt_logprobs") != null;
    if (promptLogprobs && stream)
      throw ApiException.badRequest(
          "prompt_logprobs is not available when stream is true", "prompt_logprobs");
    boolean asked = streamOptions != null && streamOptions.flag("include_usage", false);
    boolean continuous =
        streamOptions != null && streamOptions.flag("continuous_usage_stats", false);
    return new OutputOptions(
        body.flag("return_token_ids", false),
        promptLogprobs,
        options.policy().promptTokensDetails(),
        stream,
        stream && (asked || options.policy().forceIncludeUsage()),
        asked && continuous);
  }
}
