package dev.quern.api;

import dev.quern.engine.ServedModel;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Whether and how the server runs. Never waits for the model. */
@Path("/")
@NonBlocking
public final class StatusResource {
  private final Served served;
  private final Metrics metrics;
  private final String version;

  StatusResource(
      Served served,
      Metrics metrics,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.served = served;
    this.metrics = metrics;
    this.version = version;
  }

  /** 200 and no body when requests are answered at once. */
  @GET
  @Path("/health")
  public Response health() {
    served.requireReady();
    return Response.ok().build();
  }

  @GET
  @Path("/ping")
  public Response ping() {
    return health();
  }

  @POST
  @Path("/ping")
  public Response postPing() {
    return health();
  }

  @GET
  @Path("/version")
  public Response version() {
    return Replies.json(Map.of("version", version));
  }

  @GET
  @Path("/metrics")
  public Response metrics() {
    ServedModel model = served.now();
    return Response.ok(model == null ? "" : metrics.write(model), MetricsText.CONTENT_TYPE).build();
  }
}
