package dev.quern.cli;

import dev.quern.api.ApiSettings;
import dev.quern.api.Served;
import dev.quern.cache.LoadedModel;
import dev.quern.settings.QuernConfig;
import dev.quern.settings.ServerSettings;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The process as a server: Quarkus with the model behind it. The port opens as soon as Quarkus is
 * up; requests wait for the model. The process ends with code 1 when the model cannot be loaded and
 * with 3 when its engine fails, so that whoever started it can start it anew.
 */
public final class Server implements QuarkusApplication {
  private static final Logger LOG = Logger.getLogger("quern");
  private static final int EXIT_NO_MODEL = 1;
  private static final int EXIT_ENGINE_LOST = 3;
  private static final long ALIVE_CHECK_MILLIS = 500;

  /** What {@link #serve} hands to the instance that Quarkus makes. */
  private record Start(
      QuernConfig config, CompletableFuture<LoadedModel> loading, Consumer<URI> onServing) {}

  private static volatile Start start;

  private final Served served;
  private final HttpServer http;

  @Inject
  Server(Served served, HttpServer http) {
    this.served = served;
    this.http = http;
  }

  /**
   * Runs until the process is told to end.
   *
   * @param onServing told the API's address when the model is there
   * @return the exit code
   */
  static int serve(
      QuernConfig config, CompletableFuture<LoadedModel> loading, Consumer<URI> onServing) {
    ServerSettings server = config.server();
    System.setProperty("quarkus.http.host", server.host());
    System.setProperty("quarkus.http.port", Integer.toString(server.port()));
    System.setProperty("quarkus.shutdown.timeout", server.shutdownTimeout() + "S");
    start = new Start(config, loading, onServing);
    var code = new AtomicInteger();
    Quarkus.run(
        Server.class,
        (exitCode, failure) -> {
          if (failure != null) {
            LOG.error(failure.getMessage() == null ? failure.toString() : failure.getMessage());
          }
          code.set(failure == null ? exitCode : EXIT_NO_MODEL);
        });
    // Only now: while Quarkus stopped, running requests had their time to finish.
    if (loading.isDone() && !loading.isCompletedExceptionally()) {
      loading.join().close();
    }
    return code.get();
  }

  @Override
  public int run(String... args) {
    QuernConfig config = start.config();
    CompletableFuture<LoadedModel> loading = start.loading();
    served.open(
        new ApiSettings(config.server().apiKey().orElse(List.of()), Policies.of(config)),
        loading.thenApply(LoadedModel::served));
    Thread watch = Thread.ofVirtual().name("watch").start(this::watch);
    Quarkus.waitForExit();
    watch.interrupt();
    return 0;
  }

  /** Says when the model is there, then ends the process should it go. */
  private void watch() {
    try {
      LoadedModel model = start.loading().join();
      model.summary().forEach(LOG::info);
      LOG.infof("serving %s at %s", String.join(", ", model.served().names()), url());
      start.onServing().accept(url());
      while (model.engine().isAlive()) {
        Thread.sleep(ALIVE_CHECK_MILLIS);
      }
      LOG.error("the engine has failed; the process ends");
      Quarkus.asyncExit(EXIT_ENGINE_LOST);
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      LOG.error(cause.getMessage() == null ? cause.toString() : cause.getMessage());
      Quarkus.asyncExit(EXIT_NO_MODEL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private URI url() {
    String host = start.config().server().host();
    String shown = host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
    return URI.create("http://" + shown + ":" + http.getPort() + "/v1");
  }
}
