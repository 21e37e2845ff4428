package io.nexusd.bench;

import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;

/**
 * What a unary call costs on this stack when nothing is done: vertx-grpc answers Publish with the same success at once. It
 * listens on the loopback, on the port that is its argument, and prints nothing.
 */
public final class EchoServer {
    private static final PublishResponse ANSWER =
            PublishResponse.newBuilder().setSuccess(true).build();

    private EchoServer() {}

    /** Serves until it is killed. */
    public static void main(String[] args) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        GrpcServer grpc = GrpcServer.server(vertx);
        ServiceMethod<PublishRequest, PublishResponse> publish = ServiceMethod.server(
                ServiceName.create("nexusd.sidecar", "SidecarService"),
                "Publish",
                GrpcMessageEncoder.encoder(),
                GrpcMessageDecoder.decoder(PublishRequest.newBuilder()));
        grpc.callHandler(
                publish, call -> call.handler(request -> call.response().end(ANSWER)));
        vertx.createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
                .requestHandler(grpc)
                .listen(Integer.parseInt(args[0]), "127.0.0.1")
                .onFailure(e -> {
                    System.err.println("EchoServer: " + e.getMessage());
                    System.exit(1);
                });
    }
}
