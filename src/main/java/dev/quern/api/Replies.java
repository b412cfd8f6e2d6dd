package dev.quern.api;

import dev.quern.openai.ApiError;
import dev.quern.openai.Json;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** JSON responses. */
final class Replies {
  /** After which a client may try again: queues empty within seconds. */
  static final String RETRY_SECONDS = "1";

  private Replies() {}

  static Response json(Object value) {
    return Response.ok(Json.write(value), MediaType.APPLICATION_JSON_TYPE).build();
  }

  static Response error(ApiError error) {
    Response.ResponseBuilder response =
        Response.status(error.code())
            .type(MediaType.APPLICATION_JSON_TYPE)
            .entity(Json.write(error.body()));
    if (error.code() == 429 || error.code() == 503) response.header("Retry-After", RETRY_SECONDS);
    return response.build();
  }
}
