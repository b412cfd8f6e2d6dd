package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What a line asks for. Two shapes are read: OpenAI's batch line ({@code custom_id}, {@code
 * method}, {@code url}, {@code body}), and a request's body alone, whose {@code messages} or {@code
 * prompt} says which endpoint is meant and which may carry a {@code custom_id} too. As in vLLM the
 * method's value is not looked at.
 *
 * @param customId as given, or {@code line-N}
 * @param url one of those below
 * @param body the request
 */
record BatchLine(String customId, String url, ObjectNode body) {
  static final String CHAT = "/v1/chat/completions";
  static final String COMPLETIONS = "/v1/completions";
  static final String TOKENIZE = "/tokenize";
  static final String DETOKENIZE = "/detokenize";
  private static final List<String> URLS = List.of(CHAT, COMPLETIONS, TOKENIZE, DETOKENIZE);

  /**
   * @param maxLineBytes named in the message about a line that is too long
   */
  static BatchLine parse(Line line, int maxLineBytes) throws BadLineException {
    String customId = "line-" + line.number();
    if (line.bytes() == null)
      throw new BadLineException(
          customId,
          "line %d is too long: %d bytes, the limit is %d"
              .formatted(line.number(), line.lengthBytes(), maxLineBytes),
          null);
    JsonNode tree = LineJson.parse(line, customId);
    if (!(tree instanceof ObjectNode object))
      throw new BadLineException(
          customId,
          "line %d is not a JSON object but %s".formatted(line.number(), LineJson.kind(tree)),
          null);
    JsonNode id = object.remove("custom_id");
    if (id != null && !id.isNull()) {
      if (!id.isTextual())
        throw new BadLineException(
            customId, "custom_id must be a string, not " + LineJson.kind(id), "custom_id");
      customId = id.textValue();
    }
    BatchLine asked =
        object.has("body") || object.has("url")
            ? envelope(customId, object)
            : bare(customId, object);
    JsonNode stream = asked.body.get("stream");
    if (stream != null && stream.isBoolean() && stream.booleanValue())
      throw new BadLineException(
          customId, "stream: true has no meaning in a batch, whose results are lines", "stream");
    return asked;
  }

  private static BatchLine envelope(String customId, ObjectNode object) throws BadLineException {
    JsonNode url = object.get("url");
    if (url == null || !url.isTextual())
      throw new BadLineException(customId, "url is missing or not a string", "url");
    if (!URLS.contains(url.textValue()))
      throw new BadLineException(
          customId,
          "url '%s' is not supported in a batch; %s are"
              .formatted(LineJson.shortened(url.textValue()), String.join(", ", URLS)),
          "url");
    JsonNode method = object.get("method");
    if (method != null && !method.isTextual())
      throw new BadLineException(
          customId, "method must be a string, not " + LineJson.kind(method), "method");
    if (!(object.get("body") instanceof ObjectNode body))
      throw new BadLineException(customId, "body is missing or not an object", "body");
    return new BatchLine(customId, url.textValue(), body);
  }

  private static BatchLine bare(String customId, ObjectNode object) throws BadLineException {
    boolean chat = object.has("messages");
    boolean completion = object.has("prompt");
    if (chat && completion)
      throw new BadLineException(
          customId, "the line has both messages and prompt; one of them is wanted", "prompt");
    if (!chat && !completion)
      throw new BadLineException(
          customId, "the line has no url with a body, no messages and no prompt", null);
    return new BatchLine(customId, chat ? CHAT : COMPLETIONS, object);
  }
}
