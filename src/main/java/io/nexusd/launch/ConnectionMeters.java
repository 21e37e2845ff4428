package io.nexusd.launch;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.metrics.MetricsOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.core.spi.metrics.HttpServerMetrics;
import io.vertx.core.spi.metrics.PoolMetrics;
import io.vertx.core.spi.metrics.TCPMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;

/**
 * Vert.x' own meters without those of single requests: of HTTP servers it passes on connections, their bytes and errors, of pools
 * everything. Meters of requests are looked up by their labels several times for each, which would be paid for by every call, and say
 * of a gRPC call only that it is HTTP.
 */
record ConnectionMeters(VertxMetrics all) implements VertxMetrics {
    /** Makes them of those that another factory makes. */
    record Factory(VertxMetricsFactory other) implements VertxMetricsFactory {
        @Override
        public VertxMetrics metrics(VertxOptions options) {
            return new ConnectionMeters(other.metrics(options));
        }

        @Override
        public MetricsOptions newOptions(MetricsOptions options) {
            return other.newOptions(options);
        }
    }

    @Override
    public HttpServerMetrics<?, ?, ?> createHttpServerMetrics(HttpServerOptions options, SocketAddress localAddress) {
        return new Connections<>(all.createHttpServerMetrics(options, localAddress));
    }

    @Override
    public PoolMetrics<?, ?> createPoolMetrics(String type, String name, int maxSize) {
        return all.createPoolMetrics(type, name, maxSize);
    }

    @Override
    public void vertxCreated(Vertx vertx) {
        all.vertxCreated(vertx);
    }

    @Override
    public void close() {
        all.close();
    }

    private record Connections<S>(TCPMetrics<S> all) implements HttpServerMetrics<Void, Void, S> {
        @Override
        public S connected(SocketAddress remoteAddress, String remoteName) {
            return all.connected(remoteAddress, remoteName);
        }

        @Override
        public void disconnected(S socket, SocketAddress remoteAddress) {
            all.disconnected(socket, remoteAddress);
        }

        @Override
        public void bytesRead(S socket, SocketAddress remoteAddress, long bytes) {
            all.bytesRead(socket, remoteAddress, bytes);
        }

        @Override
        public void bytesWritten(S socket, SocketAddress remoteAddress, long bytes) {
            all.bytesWritten(socket, remoteAddress, bytes);
        }

        @Override
        public void exceptionOccurred(S socket, SocketAddress remoteAddress, Throwable failure) {
            all.exceptionOccurred(socket, remoteAddress, failure);
        }

        @Override
        public void close() {
            all.close();
        }
    }
}
