package dev.quern.hub;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A hub on the loopback interface, with a delivery network on another port: large files (those that
 * end in {@code .safetensors} or {@code .bin}) are redirected there. Answers can be broken on
 * purpose.
 */
public final class TestHub implements AutoCloseable {
  /** What to do with one request instead of answering it well. */
  public sealed interface Fault {
    record Status(int code, Map<String, String> headers) implements Fault {}

    /** Closes the connection after some bytes. */
    record Drop(int afterBytes) implements Fault {}

    /** Sends no more after some bytes. */
    record Stall(int afterBytes) implements Fault {}

    /** Sends other bytes. */
    record Corrupt() implements Fault {}

    /** Sends the whole file for a range. */
    record NoRanges() implements Fault {}

    /** Changes a header. */
    record Header(String name, String value) implements Fault {}

    static Fault status(int code, String... headers) {
      Map<String, String> map = new HashMap<>();
      for (int i = 0; i < headers.length; i += 2) map.put(headers[i], headers[i + 1]);
      return new Status(code, map);
    }
  }

  /** A request as it came in. */
  public record Seen(String method, String path, String range, String authorization, boolean cdn) {}

  private record Planned(String pathPart, Fault fault) {}

  public final Map<String, Map<String, byte[]>> commits = new TreeMap<>();
  public final Map<String, String> refs = new TreeMap<>();
  public final List<Seen> seen = new CopyOnWriteArrayList<>();
  public final String repository;

  /** Other names that have the same commits. */
  public final List<String> otherRepositories = new CopyOnWriteArrayList<>();

  public volatile boolean hashesInListing = true;
  public volatile boolean relativeRedirect;
  public volatile int pauseMillisPerPiece;
  public volatile String requiredToken;
  private final List<Planned> planned = new ArrayList<>();
  private final HttpServer hub;
  private final HttpServer cdn;
  private final CountDownLatch closed = new CountDownLatch(1);

  public TestHub(String repository) throws IOException {
    this.repository = repository;
    hub = server(false);
    cdn = server(true);
  }

  private HttpServer server(boolean isCdn) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            handle(exchange, isCdn);
          }
        });
    server.start();
    return server;
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
  }

  public int port() {
    return hub.getAddress().getPort();
  }

  /** The next request whose path contains {@code pathPart} meets this fault; more queue up. */
  public void plan(String pathPart, Fault... faults) {
    synchronized (planned) {
      for (Fault fault : faults) planned.add(new Planned(pathPart, fault));
    }
  }

  private Fault next(String path) {
    synchronized (planned) {
      for (int i = 0; i < planned.size(); i++)
        if (path.contains(planned.get(i).pathPart())) return planned.remove(i).fault();
    }
    return null;
  }

  int unused() {
    synchronized (planned) {
      return planned.size();
    }
  }

  public List<Seen> seen(String pathPart) {
    return seen.stream().filter(s -> s.path().contains(pathPart)).toList();
  }

  private void handle(HttpExchange exchange, boolean isCdn) throws IOException {
    String path = exchange.getRequestURI().getRawPath().replace("%2F", "/");
    Headers request = exchange.getRequestHeaders();
    String authorization = request.getFirst("Authorization");
    seen.add(
        new Seen(
            exchange.getRequestMethod(), path, request.getFirst("Range"), authorization, isCdn));
    Fault fault = next(path);
    if (fault instanceof Fault.Status(int code, Map<String, String> headers)) {
      headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
      send(exchange, code, "a fault".getBytes(StandardCharsets.UTF_8), null);
    } else if (isCdn) {
      serveContent(exchange, bySha256(path.substring(1)), fault);
    } else if (requiredToken != null && !("Bearer " + requiredToken).equals(authorization)) {
      if (authorization != null)
        exchange
            .getResponseHeaders()
            .set("X-Error-Message", "Invalid credentials in Authorization header");
      send(exchange, 401, new byte[0], null);
    } else if (after("/api/models/", path, "/revision/") != null) {
      serveListing(exchange, after("/api/models/", path, "/revision/"));
    } else if (after("/api/models/", path, "/tree/") != null) {
      serveTree(exchange, after("/api/models/", path, "/tree/"));
    } else if (after("/", path, "/resolve/") != null) {
      serveFile(exchange, after("/", path, "/resolve/"), fault);
    } else {
      error(exchange, 404, "RepoNotFound");
    }
  }

  /** What follows the name of one of the repositories in a path, or null. */
  private String after(String before, String path, String behind) {
    List<String> names = new ArrayList<>(otherRepositories);
    names.add(repository);
    for (String name : names)
      if (path.startsWith(before + name + behind))
        return path.substring((before + name + behind).length());
    return null;
  }

  private void serveListing(HttpExchange exchange, String revision) throws IOException {
    String commit = refs.getOrDefault(revision, revision);
    Map<String, byte[]> files = commits.get(commit);
    if (files == null) {
      error(exchange, 404, "RevisionNotFound");
      return;
    }
    StringBuilder json = new StringBuilder("{\"id\":\"" + repository + "\",\"gated\":false,");
    json.append("\"sha\":\"").append(commit).append("\",\"siblings\":[");
    String comma = "";
    for (var file : files.entrySet()) {
      byte[] data = file.getValue();
      json.append(comma).append("{\"rfilename\":\"").append(file.getKey()).append('"');
      if (hashesInListing) {
        json.append(",\"size\":%d,\"blobId\":\"%s\"".formatted(data.length, gitHash(data)));
        if (isLarge(file.getKey()))
          json.append(
              ",\"lfs\":{\"sha256\":\"%s\",\"size\":%d,\"pointerSize\":130}"
                  .formatted(sha256(data), data.length));
      }
      json.append('}');
      comma = ",";
    }
    send(exchange, 200, json.append("]}").toString().getBytes(StandardCharsets.UTF_8), null);
  }

  /** The other listing of files, which huggingface_hub asks for. */
  private void serveTree(HttpExchange exchange, String revision) throws IOException {
    StringBuilder json = new StringBuilder("[");
    for (var file : commits.get(refs.getOrDefault(revision, revision)).entrySet()) {
      byte[] data = file.getValue();
      json.append(json.length() == 1 ? "" : ",")
          .append(
              "{\"type\":\"file\",\"path\":\"%s\",\"size\":%d,\"oid\":\"%s\""
                  .formatted(file.getKey(), data.length, gitHash(data)));
      if (isLarge(file.getKey()))
        json.append(
            ",\"lfs\":{\"oid\":\"%s\",\"size\":%d,\"pointerSize\":130}"
                .formatted(sha256(data), data.length));
      json.append('}');
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    send(exchange, 200, json.append("]").toString().getBytes(StandardCharsets.UTF_8), null);
  }

  private void serveFile(HttpExchange exchange, String rest, Fault fault) throws IOException {
    int slash = rest.indexOf('/');
    String revision = rest.substring(0, slash);
    String commit = refs.getOrDefault(revision, revision);
    Map<String, byte[]> files = commits.get(commit);
    if (files == null) {
      error(exchange, 404, "RevisionNotFound");
      return;
    }
    String path = rest.substring(slash + 1);
    byte[] data = files.get(path);
    Headers headers = exchange.getResponseHeaders();
    headers.set("X-Repo-Commit", commit);
    if (data == null) {
      error(exchange, 404, "EntryNotFound");
    } else if (isLarge(path)) {
      headers.set("X-Linked-Etag", '"' + sha256(data) + '"');
      headers.set("X-Linked-Size", "" + data.length);
      headers.set(
          "Location", "http://localhost:" + cdn.getAddress().getPort() + "/" + sha256(data));
      if (fault instanceof Fault.Header(String name, String value)) headers.set(name, value);
      send(exchange, 302, new byte[0], null);
    } else if (relativeRedirect && !exchange.getRequestURI().toString().contains("moved")) {
      headers.set("Location", exchange.getRequestURI().getRawPath() + "?moved");
      send(exchange, 307, new byte[0], null);
    } else {
      headers.set("ETag", '"' + gitHash(data) + '"');
      serveContent(exchange, data, fault);
    }
  }

  private byte[] bySha256(String hash) {
    for (Map<String, byte[]> files : commits.values())
      for (byte[] data : files.values()) if (sha256(data).equals(hash)) return data;
    throw new IllegalStateException("no such content");
  }

  private void serveContent(HttpExchange exchange, byte[] data, Fault fault) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    byte[] body = data;
    int status = 200;
    if (range != null && !(fault instanceof Fault.NoRanges)) {
      String[] ends = range.substring("bytes=".length()).split("-");
      int from = Integer.parseInt(ends[0]);
      int to = ends.length > 1 ? Integer.parseInt(ends[1]) : data.length - 1;
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, to, data.length));
      body = Arrays.copyOfRange(data, from, to + 1);
      status = 206;
    }
    if (fault instanceof Fault.Corrupt) {
      body = body.clone();
      body[body.length / 2] ^= 1;
    }
    if (fault instanceof Fault.Header(String name, String value))
      exchange.getResponseHeaders().set(name, value);
    send(exchange, status, body, fault);
  }

  private void error(HttpExchange exchange, int status, String code) throws IOException {
    exchange.getResponseHeaders().set("X-Error-Code", code);
    send(exchange, status, code.getBytes(StandardCharsets.UTF_8), null);
  }

  private void send(HttpExchange exchange, int status, byte[] body, Fault fault)
      throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      if (status == 200) exchange.getResponseHeaders().set("Content-Length", "" + body.length);
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length == 0) return;
    OutputStream out = exchange.getResponseBody();
    int end =
        switch (fault) {
          case Fault.Drop(int bytes) -> Math.min(bytes, body.length - 1);
          case Fault.Stall(int bytes) -> Math.min(bytes, body.length - 1);
          case null, default -> body.length;
        };
    for (int at = 0; at < end; at += 4096) {
      out.write(body, at, Math.min(4096, end - at));
      if (pauseMillisPerPiece > 0) {
        out.flush();
        pause(pauseMillisPerPiece);
      }
    }
    out.flush();
    if (fault instanceof Fault.Stall) pause(60_000);
  }

  private void pause(int millis) {
    try {
      closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public static boolean isLarge(String path) {
    return path.endsWith(".safetensors") || path.endsWith(".bin");
  }

  public static String gitHash(byte[] data) {
    byte[] head = ("blob " + data.length + "\0").getBytes(StandardCharsets.US_ASCII);
    return hash("SHA-1", head, data);
  }

  public static String sha256(byte[] data) {
    return hash("SHA-256", data);
  }

  private static String hash(String algorithm, byte[]... pieces) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      for (byte[] piece : pieces) digest.update(piece);
      return HexFormat.of().formatHex(digest.digest());
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    hub.stop(0);
    cdn.stop(0);
  }
}
