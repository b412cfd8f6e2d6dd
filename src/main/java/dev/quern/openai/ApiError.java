package dev.quern.openai;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What went wrong, as every client sees it.
 *
 * @param type the class of error, in vLLM's words
 * @param param the field at fault, or null
 * @param code the HTTP status
 */
public record ApiError(String message, String type, String param, int code) {
  private static final int MAX_MESSAGE_CHARS = 2000;

  public ApiError {
    message = printable(message);
    param = param == null ? null : printable(param);
  }

  public static ApiError of(int code, String message, String param) {
    return new ApiError(message, typeOf(code), param, code);
  }

  /** The JSON body: {@code {"error": {message, type, param, code}}}. */
  public Map<String, ApiError> body() {
    Map<String, ApiError> body = new LinkedHashMap<>();
    body.put("error", this);
    return body;
  }

  private static String typeOf(int code) {
    return switch (code) {
      case 401 -> "AuthenticationError";
      case 404 -> "NotFoundError";
      case 405 -> "MethodNotAllowedError";
      case 413 -> "RequestTooLargeError";
      case 429 -> "RateLimitError";
      case 501 -> "NotImplementedError";
      case 503 -> "ServiceUnavailableError";
      default -> code >= 500 ? "InternalServerError" : "BadRequestError";
    };
  }

  /** Values quoted from a request may be long or hold halves of characters, which JSON refuses. */
  private static String printable(String text) {
    if (text == null) return "";
    int length = Math.min(text.length(), MAX_MESSAGE_CHARS);
    StringBuilder clean = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        clean.append(c).append(text.charAt(++i));
      } else {
        clean.append(Character.isSurrogate(c) ? '\uFFFD' : c);
      }
    }
    return text.length() > length ? clean.append('…').toString() : clean.toString();
  }
}
