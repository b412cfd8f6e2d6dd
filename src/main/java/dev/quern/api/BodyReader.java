package dev.quern.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.openai.ApiError;
import dev.quern.openai.ApiException;
import dev.quern.openai.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** Reads a JSON body of bounded size. */
final class BodyReader {
  /** A prompt of a million tokens is about 5 MB; 1,024 prompts of 4,000 tokens about 20 MB. */
  static final int MAX_BODY_BYTES = 32 << 20;

  static final String TOO_LARGE = "The body is larger than " + (MAX_BODY_BYTES >> 20) + " MiB";

  private BodyReader() {}

  static boolean announcesTooMuch(String contentLength) {
    if (contentLength == null) return false;
    try {
      return Long.parseLong(contentLength) > MAX_BODY_BYTES;
    } catch (NumberFormatException e) {
      return false; // the HTTP decoder's business
    }
  }

  /**
   * @throws ApiException (400) where it is no JSON or does not say so, (413) where it is too large
   */
  static JsonNode read(String contentType, InputStream body) {
    requireJson(contentType);
    byte[] bytes;
    try {
      bytes = body.readNBytes(MAX_BODY_BYTES + 1);
    } catch (IOException e) {
      throw ApiException.badRequest("The body could not be read: " + e.getMessage(), null);
    }
    if (bytes.length > MAX_BODY_BYTES) throw new ApiException(ApiError.of(413, TOO_LARGE, null));
    return Json.parse(bytes);
  }

  private static void requireJson(String contentType) {
    String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
    if (!type.toLowerCase(Locale.ROOT).equals("application/json"))
      throw ApiException.badRequest(
          "Content-Type must be application/json, got "
              + (contentType == null ? "none" : contentType),
          null);
  }
}
