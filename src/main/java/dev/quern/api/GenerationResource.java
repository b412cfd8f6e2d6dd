package dev.quern.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.ServedModel;
import dev.quern.openai.Answer;
import dev.quern.openai.Call;
import dev.quern.openai.CallOptions;
import dev.quern.openai.ChatCompletions;
import dev.quern.openai.Completions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;

/**
 * Completions and chat completions, whole or streamed. A client that goes away cancels its call.
 */
@Path("/v1")
@RunOnVirtualThread
public final class GenerationResource {
  private final Served served;
  private final Metrics metrics;

  GenerationResource(Served served, Metrics metrics) {
    this.served = served;
    this.metrics = metrics;
  }

  private interface Parser {
    Call parse(ServedModel model, JsonNode body, CallOptions options);
  }

  @POST
  @Path("/completions")
  public Response completions(@Context RoutingContext http, InputStream body)
      throws InterruptedException {
    return answer(http, body, Completions::parse);
  }

  @POST
  @Path("/chat/completions")
  public Response chat(@Context RoutingContext http, InputStream body) throws InterruptedException {
    return answer(http, body, ChatCompletions::parse);
  }

  private Response answer(RoutingContext http, InputStream body, Parser parser)
      throws InterruptedException {
    JsonNode json = BodyReader.read(http.request().getHeader("Content-Type"), body);
    ServedModel model = served.await();
    CallOptions options =
        new CallOptions(Gate.givenId(http), false, served.settings().policy(), metrics::observer);
    Call call = parser.parse(model, json, options);
    Gate.nameResponse(http, call.id().substring(call.id().indexOf('-') + 1));
    Answer answer = call.start();
    http.addEndHandler(end -> answer.cancel());
    if (http.response().closed()) answer.cancel();
    if (!call.stream()) return Replies.json(answer.whole());
    List<Object> first = answer.next();
    return Response.ok(new EventStream(answer, first), "text/event-stream; charset=utf-8")
        .header("Cache-Control", "no-cache")
        .build();
  }
}
