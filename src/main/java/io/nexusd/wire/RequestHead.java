package io.nexusd.wire;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Map;

/** The headers of a request, as far as they decide whether it is served at all. */
public final class RequestHead {
    private static final String GRPC_ENCODING = "grpc-encoding";
    private static final String IDENTITY = "identity";
    private static final String GZIP = "gzip";
    private static final int HEADERS_TOO_LARGE = 431;
    /** What HTTP/2 adds to each header when it counts them. */
    private static final int HEADER_OVERHEAD_BYTES = 32;

    private RequestHead() {}

    /** Tells whether the compressed messages of a call are compressed with gzip. */
    static boolean isGzip(HttpServerRequest request) {
        return GZIP.equals(request.getHeader(GRPC_ENCODING));
    }

    /**
     * Answers a request that nobody has to look at: with more headers than allowed, or messages compressed in a way that is not known
     * here. Tells whether it did.
     */
    public static boolean refuses(HttpServerRequest request, int maxMetadataBytes) {
        int bytes = metadataBytes(request);
        if (bytes > maxMetadataBytes) {
            String text =
                    "the call has " + bytes + " bytes of metadata, each header counted with 32 bytes more; at most "
                            + maxMetadataBytes + " are allowed (connections.max-metadata-bytes)";
            if (ServerCall.accepts(request)) {
                refuse(request, GrpcStatus.RESOURCE_EXHAUSTED, text);
            } else {
                request.response().setStatusCode(HEADERS_TOO_LARGE).end(text + "\n");
            }
            return true;
        }
        String encoding = request.getHeader(GRPC_ENCODING);
        if (encoding == null || encoding.equals(IDENTITY) || encoding.equals(GZIP) || !ServerCall.accepts(request)) {
            return false;
        }
        request.response().putHeader("grpc-accept-encoding", IDENTITY + "," + GZIP);
        refuse(
                request,
                GrpcStatus.UNIMPLEMENTED,
                "grpc-encoding '" + SafeText.of(encoding) + "' is not known here; use identity or gzip");
        return true;
    }

    private static void refuse(HttpServerRequest request, GrpcStatus status, String text) {
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, ServerCall.GRPC)
                .putHeader("grpc-status", Integer.toString(status.code))
                .putHeader("grpc-message", GrpcFrames.encodeText(text))
                .end();
    }

    private static int metadataBytes(HttpServerRequest request) {
        int bytes = 0;
        for (Map.Entry<String, String> header : request.headers()) {
            bytes += header.getKey().length() + header.getValue().length() + HEADER_OVERHEAD_BYTES;
        }
        String path = request.uri();
        return bytes + (path == null ? 0 : path.length());
    }
}
