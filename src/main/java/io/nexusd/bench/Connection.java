package io.nexusd.bench;

import io.nexusd.model.Endpoint;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.ConnectTo;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;

/** One connection to a daemon, on the event loop of whoever opens it. */
final class Connection {
    private static final String SERVICE = "/nexusd.sidecar.SidecarService/";
    private static final int STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
    private static final int CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
    private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

    private final HttpClientAgent client;
    private final HttpClientConnection connection;
    private final Endpoint daemon;

    private Connection(HttpClientAgent client, HttpClientConnection connection, Endpoint daemon) {
        // The agent is kept because a client that is collected takes its connections with it.
        this.client = client;
        this.connection = connection;
        this.daemon = daemon;
    }

    static Future<Connection> open(Vertx vertx, Endpoint daemon, int timeoutMs) {
        HttpClientAgent client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings()
                        .setInitialWindowSize(STREAM_WINDOW_BYTES)
                        .setMaxFrameSize(GrpcFrames.HTTP2_FRAME_BYTES))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                .setConnectTimeout(timeoutMs));
        return ConnectTo.anyAddress(vertx, client, daemon, timeoutMs)
                .map(connection -> new Connection(client, connection, daemon))
                .recover(e -> Future.failedFuture(CommandFailure.of(e, daemon.toString())));
    }

    Future<ClientCall> call(String method) {
        return ClientCall.open(connection, daemon, SERVICE + method, MAX_MESSAGE_BYTES);
    }

    Endpoint daemon() {
        return daemon;
    }

    Future<Void> close() {
        return connection.close().eventually(client::close);
    }
}
