package dev.quern.api;

import dev.quern.openai.ApiError;
import dev.quern.openai.ApiException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Gives every failure of a resource the one error shape. */
@Singleton
final class Failures {
  private static final Logger LOG = Logger.getLogger(Failures.class);

  /** The router's own: unknown path, wrong method and the like. */
  @ServerExceptionMapper
  Response routing(WebApplicationException failure) {
    int code = failure.getResponse().getStatus();
    String phrase = failure.getResponse().getStatusInfo().getReasonPhrase();
    Response response = Replies.error(ApiError.of(code, phrase, null));
    String allow = failure.getResponse().getHeaderString("Allow");
    return allow == null
        ? response
        : Response.fromResponse(response).header("Allow", allow).build();
  }

  /** All others, ours among them. */
  @ServerExceptionMapper
  Response any(Throwable thrown) {
    ApiException failure = ApiException.of(thrown);
    if (failure.error().code() == 500) LOG.error("A request failed", failure);
    return Replies.error(failure.error());
  }
}
