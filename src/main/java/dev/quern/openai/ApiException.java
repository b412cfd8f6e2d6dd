package dev.quern.openai;

import dev.quern.engine.CapacityException;
import dev.quern.engine.EngineLostException;
import dev.quern.engine.InvalidRequestException;
import dev.quern.text.ChatTemplateException;

/** Ends a request with an {@link ApiError}. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ApiError error;

  public ApiException(ApiError error) {
    this(error, null);
  }

  private ApiException(ApiError error, Throwable cause) {
    super(error.message(), cause);
    this.error = error;
  }

  public static ApiException badRequest(String message, String param) {
    return new ApiException(ApiError.of(400, message, param));
  }

  public static ApiException unknownModel(String name) {
    return new ApiException(ApiError.of(404, "The model `" + name + "` does not exist.", "model"));
  }

  public static ApiException unavailable(String message) {
    return new ApiException(ApiError.of(503, message, null));
  }

  /** The client's view of any failure; what is not the client's business becomes a bare 500. */
  public static ApiException of(Throwable failure) {
    ApiError error =
        switch (failure) {
          case ApiException known -> known.error;
          case InvalidRequestException bad -> ApiError.of(400, bad.getMessage(), bad.param());
          case ChatTemplateException chat -> ApiError.of(400, chat.getMessage(), "messages");
          case CapacityException full -> ApiError.of(429, full.getMessage(), null);
          case EngineLostException lost -> ApiError.of(503, lost.getMessage(), null);
          default -> ApiError.of(500, "Internal server error", null);
        };
    return new ApiException(error, failure);
  }

  public ApiError error() {
    return error;
  }
}
