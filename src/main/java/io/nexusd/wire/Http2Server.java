package io.nexusd.wire;

import io.nexusd.model.Settings;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;

/** The options that all servers have in common. */
public final class Http2Server {
    /** Behind the guard of the connection, which counts more kinds of frames and whose limit a key sets. */
    private static final int MAX_RESETS_PER_WINDOW = 100_000;

    private static final int WINDOW_SECONDS = 10;
    private static final int USUAL_STREAMS = 100;

    private Http2Server() {}

    /** Returns options for a server of the given windows and number of streams. */
    public static HttpServerOptions options(int maxStreams, int streamWindowBytes, int connectionWindowBytes) {
        return options(new Http2Settings()
                        .setMaxConcurrentStreams(maxStreams)
                        .setInitialWindowSize(streamWindowBytes)
                        .setMaxFrameSize(GrpcFrames.HTTP2_FRAME_BYTES))
                .setHttp2ConnectionWindowSize(connectionWindowBytes);
    }

    /** Returns options for a server with the usual windows. */
    public static HttpServerOptions options() {
        return options(new Http2Settings().setMaxConcurrentStreams(USUAL_STREAMS));
    }

    private static HttpServerOptions options(Http2Settings http2) {
        // A request with more headers than the key allows is answered; only beyond this the connection ends.
        int maxHeaderBytes = Settings.Connections.MAX_METADATA_BYTES;
        return new HttpServerOptions()
                .setInitialSettings(http2.setMaxHeaderListSize(maxHeaderBytes))
                .setMaxHeaderSize(maxHeaderBytes)
                .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_PER_WINDOW)
                .setHttp2RstFloodWindowDuration(WINDOW_SECONDS)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true);
    }
}
