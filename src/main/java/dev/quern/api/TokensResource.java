package dev.quern.api;

import dev.quern.openai.CallOptions;
import dev.quern.openai.Tokenizing;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;

/** Text to token ids and back. */
@Path("/")
@RunOnVirtualThread
public final class TokensResource {
  private final Served served;

  TokensResource(Served served) {
    this.served = served;
  }

  @POST
  @Path("/tokenize")
  public Response tokenize(@HeaderParam("Content-Type") String type, InputStream body)
      throws InterruptedException {
    var json = BodyReader.read(type, body);
    return Replies.json(Tokenizing.tokenize(served.await(), json, options()));
  }

  @POST
  @Path("/detokenize")
  public Response detokenize(@HeaderParam("Content-Type") String type, InputStream body)
      throws InterruptedException {
    var json = BodyReader.read(type, body);
    return Replies.json(Tokenizing.detokenize(served.await(), json, options()));
  }

  private CallOptions options() {
    return new CallOptions(null, false, served.settings().policy(), null);
  }
}
