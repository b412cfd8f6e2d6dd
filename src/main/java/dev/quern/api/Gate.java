package dev.quern.api;

import dev.quern.openai.ApiError;
import dev.quern.openai.Json;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.UUID;

/**
 * Before every route: names the request, checks its key and the size it announces. It stands at the
 * HTTP server rather than in the resources so that no path slips by, known or not.
 */
@Singleton
final class Gate {
  private static final String REQUEST_ID = "X-Request-Id";

  private static final Set<String> OPEN_PATHS = Set.of("/health", "/ping");
  private static final int PRIORITY = 1000;
  private static final int MAX_ID_CHARS = 128;

  private final Served served;
  private volatile ApiKeys keys;

  Gate(Served served) {
    this.served = served;
  }

  void register(@Observes Filters filters) {
    filters.register(this::handle, PRIORITY);
  }

  /** Failures that no resource sees, such as a path that is no valid URI. */
  void register(@Observes Router router) {
    for (int code : new int[] {400, 404, 405, 413, 414, 431})
      router.errorHandler(code, context -> refuse(context, ApiError.of(code, phrase(code), null)));
  }

  private static String phrase(int code) {
    return switch (code) {
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 413 -> BodyReader.TOO_LARGE;
      case 414 -> "URI Too Long";
      case 431 -> "Request Header Fields Too Large";
      default -> "Bad Request";
    };
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    String id = givenId(context);
    context
        .response()
        .putHeader(REQUEST_ID, id != null ? id : UUID.randomUUID().toString().replace("-", ""));
    if (!OPEN_PATHS.contains(context.normalizedPath()) && request.method() != HttpMethod.OPTIONS) {
      ApiKeys known = keys();
      if (known == null) {
        refuse(context, ApiError.of(503, "The server is starting", null));
        return;
      }
      if (!known.accept(request.getHeader("Authorization"))) {
        context.response().putHeader("WWW-Authenticate", "Bearer");
        refuse(context, ApiError.of(401, "Unauthorized: a valid API key is needed", null));
        return;
      }
    }
    if (BodyReader.announcesTooMuch(request.getHeader("Content-Length"))) {
      // The body is not read, so the connection cannot serve another request.
      context.response().putHeader("Connection", "close");
      context.addEndHandler(end -> request.connection().close());
      refuse(context, ApiError.of(413, BodyReader.TOO_LARGE, null));
      return;
    }
    context.next();
  }

  private ApiKeys keys() {
    if (keys == null && served.settings() != null) keys = new ApiKeys(served.settings().apiKeys());
    return keys;
  }

  /** The request's id if its client gave it a usable one, else null. */
  static String givenId(RoutingContext context) {
    String id = context.request().getHeader(REQUEST_ID);
    return isPlain(id) ? id : null;
  }

  /** Names the response after an answer, whose body may have brought its own id. */
  static void nameResponse(RoutingContext context, String id) {
    if (isPlain(id)) context.response().putHeader(REQUEST_ID, id);
  }

  private static boolean isPlain(String id) {
    if (id == null || id.isEmpty() || id.length() > MAX_ID_CHARS) return false;
    for (int i = 0; i < id.length(); i++)
      if (id.charAt(i) <= ' ' || id.charAt(i) > '~') return false;
    return true;
  }

  private static void refuse(RoutingContext context, ApiError error) {
    if (context.response().ended() || context.response().headWritten()) return;
    context.response().setStatusCode(error.code()).putHeader("Content-Type", "application/json");
    if (error.code() == 503) context.response().putHeader("Retry-After", Replies.RETRY_SECONDS);
    context.end(Buffer.buffer(Json.write(error.body())));
  }
}
