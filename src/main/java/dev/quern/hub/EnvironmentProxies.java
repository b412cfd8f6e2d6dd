package dev.quern.hub;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Proxies by {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY}, in
 * either case, as curl and Python take them; without them by Java's own system properties.
 */
final class EnvironmentProxies extends ProxySelector {
  private static final String TUNNEL_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

  private final URI http;
  private final URI https;
  private final List<String> direct;

  private EnvironmentProxies(URI http, URI https, List<String> direct) {
    this.http = http;
    this.https = https;
    this.direct = direct;
  }

  static void apply(HttpClient.Builder client, Environment environment) {
    EnvironmentProxies proxies = of(environment);
    if (proxies == null) {
      client.proxy(ProxySelector.getDefault());
      return;
    }
    client.proxy(proxies);
    if (proxies.user(proxies.http) != null || proxies.user(proxies.https) != null) {
      // Java refuses Basic authentication to a proxy for https unless told otherwise before first
      // use.
      if (System.getProperty(TUNNEL_SCHEMES) == null) System.setProperty(TUNNEL_SCHEMES, "");
      client.authenticator(proxies.authenticator());
    }
  }

  /** The proxies that the variables name, or null where they name none. */
  static EnvironmentProxies of(Environment environment) {
    URI all = proxy(environment, "ALL_PROXY");
    URI http = proxy(environment, "HTTP_PROXY");
    URI https = proxy(environment, "HTTPS_PROXY");
    if (all == null && http == null && https == null) return null;
    String no = variable(environment, "NO_PROXY");
    return new EnvironmentProxies(
        http == null ? all : http,
        https == null ? all : https,
        no == null ? List.of() : List.of(no.toLowerCase(Locale.ROOT).strip().split("\\s*,\\s*")));
  }

  private static String variable(Environment environment, String name) {
    String lower = environment.get(name.toLowerCase(Locale.ROOT));
    return lower != null ? lower : environment.get(name);
  }

  private static URI proxy(Environment environment, String name) {
    String text = variable(environment, name);
    if (text == null) return null;
    try {
      URI uri = URI.create(text.contains("://") ? text : "http://" + text);
      if ("http".equals(uri.getScheme()) && uri.getHost() != null) return uri;
    } catch (IllegalArgumentException e) {
      // Named below; the text may hold a password and is not shown.
    }
    throw new HubException(
        HubException.Kind.INVALID,
        name + " is not the address of an HTTP proxy, such as http://proxy.example:3128");
  }

  @Override
  public List<Proxy> select(URI uri) {
    URI proxy = "https".equals(uri.getScheme()) ? https : http;
    if (proxy == null || isDirect(uri)) return List.of(Proxy.NO_PROXY);
    int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
    return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
  }

  private boolean isDirect(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    for (String entry : direct) {
      String suffix = entry.startsWith("*.") ? entry.substring(1) : entry;
      if (suffix.equals("*")
          || host.equals(suffix)
          || (host + ":" + uri.getPort()).equals(suffix)
          || !suffix.isEmpty() && host.endsWith(suffix.startsWith(".") ? suffix : "." + suffix))
        return true;
    }
    return false;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The request fails with the same exception.
  }

  private String[] user(URI proxy) {
    if (proxy == null || proxy.getRawUserInfo() == null) return null;
    String[] parts = proxy.getRawUserInfo().split(":", 2);
    for (int i = 0; i < parts.length; i++)
      parts[i] = URLDecoder.decode(parts[i].replace("+", "%2B"), StandardCharsets.UTF_8);
    return parts;
  }

  private Authenticator authenticator() {
    return new Authenticator() {
      @Override
      protected PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) return null;
        for (URI proxy : new URI[] {https, http}) {
          String[] user = user(proxy);
          if (user != null && proxy.getHost().equalsIgnoreCase(getRequestingHost()))
            return new PasswordAuthentication(
                user[0], (user.length > 1 ? user[1] : "").toCharArray());
        }
        return null;
      }
    };
  }
}
