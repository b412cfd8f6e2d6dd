package dev.quern.api;

import dev.quern.openai.ModelCard;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;

/** Which models there are. */
@Path("/v1/models")
@RunOnVirtualThread
public final class ModelsResource {
  private final Served served;

  ModelsResource(Served served) {
    this.served = served;
  }

  @GET
  public Response all() throws InterruptedException {
    return Replies.json(ModelCard.all(served.await(), served.loadedSeconds()));
  }

  /** Names may hold slashes. */
  @GET
  @Path("/{name: .+}")
  public Response one(@PathParam("name") String name) throws InterruptedException {
    return Replies.json(ModelCard.one(served.await(), name, served.loadedSeconds()));
  }
}
