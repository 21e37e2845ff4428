package io.nexusd.wire;

import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How an HTTP/2 client of this process connects to an endpoint: which address the socket gets, and what the requests name as
 * {@code :authority}, where an IPv6 address has brackets and no zone (RFC 3986).
 */
public final class ConnectTo {
    private ConnectTo() {}

    /** Connects to an address; a name is looked up by the client, which tries its first address only. */
    public static Future<HttpClientConnection> endpoint(HttpClientAgent client, Endpoint endpoint) {
        return connect(client, endpoint, endpoint);
    }

    /**
     * Connects to the first of all addresses of a host, of both families, that accepts. For commands, on any thread.
     *
     * @param withinMs an address that does not answer is given up after its share of this time
     */
    public static Future<HttpClientConnection> anyAddress(
            Vertx vertx, HttpClientAgent client, Endpoint endpoint, int withinMs) {
        if (IpAddress.parse(endpoint.host()).isPresent()) {
            return endpoint(client, endpoint);
        }
        return vertx.executeBlocking(() -> addresses(endpoint))
                .compose(all -> next(client, endpoint, all, 0, withinMs));
    }

    private static List<Endpoint> addresses(Endpoint endpoint) throws UnknownHostException {
        return Stream.of(InetAddress.getAllByName(endpoint.host()))
                .map(address -> new Endpoint(IpAddress.of(address).toString(), endpoint.port()))
                .distinct()
                .toList();
    }

    private static Future<HttpClientConnection> next(
            HttpClientAgent client, Endpoint named, List<Endpoint> all, int index, int withinMs) {
        Future<HttpClientConnection> attempt = connect(client, all.get(index), named);
        if (index == all.size() - 1) {
            return attempt;
        }
        return attempt.timeout(Math.max(1, withinMs / all.size()), TimeUnit.MILLISECONDS)
                .onFailure(e -> attempt.onSuccess(HttpClientConnection::close))
                .recover(e -> next(client, named, all, index + 1, withinMs));
    }

    private static Future<HttpClientConnection> connect(HttpClientAgent client, Endpoint address, Endpoint named) {
        try {
            return client.connect(options(address, named));
        } catch (UnknownHostException e) {
            return Future.failedFuture(e);
        }
    }

    private static HttpConnectOptions options(Endpoint address, Endpoint named) throws UnknownHostException {
        IpAddress ip = IpAddress.parse(address.host()).orElse(null);
        SocketAddress server = ip == null
                ? SocketAddress.inetSocketAddress(address.port(), address.host())
                : SocketAddress.inetSocketAddress(new InetSocketAddress(ip.forSocket(), address.port()));
        return new HttpConnectOptions()
                .setServer(server)
                .setHost(authority(named).bracketedHost())
                .setPort(named.port());
    }

    /** Returns the address of a connection as it is written for people: canonical, an IPv6 one in brackets. */
    public static String text(SocketAddress address) {
        String ip = address == null ? null : address.hostAddress();
        return ip == null || address.port() < 1 ? String.valueOf(address) : new Endpoint(ip, address.port()).toString();
    }

    /** Returns the endpoint as a request names it. */
    private static Endpoint authority(Endpoint endpoint) {
        return Endpoint.advertised(endpoint.host(), endpoint.port());
    }
}
