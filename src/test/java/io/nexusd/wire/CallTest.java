package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.model.Endpoint;
import io.nexusd.proto.mesh.Ack;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class CallTest {
    private static final int MAX_BYTES = 200_000;
    private static final Ack BIG =
            Ack.newBuilder().setErrorMessage("x".repeat(50_000)).build();

    /** The client whose connections a test uses; held so that it is not collected. */
    private HttpClientAgent client;

    private Endpoint server;

    @Test
    void shouldCarryOneMessageEachWay(Vertx vertx, VertxTestContext context) {
        Ack hello = Ack.newBuilder().setMessageId("m1").build();
        connected(vertx, request -> {
                    ServerCall call = new ServerCall(request, MAX_BYTES);
                    call.onMessages(messages -> messages.forEach(message -> call.write(
                            GrpcFrames.frame(hello.toBuilder().setSuccess(true).build()))));
                    call.onHalfClose(() -> call.end(GrpcStatus.OK, ""));
                })
                .compose(connection -> ClientCall.unary(connection, server, "/t.T/Echo", hello, MAX_BYTES, 5000))
                .onComplete(context.succeeding(reply -> context.verify(() -> {
                    assertThat(reply.parsed(Ack.parser()).getSuccess()).isTrue();
                    assertThat(reply.parsed(Ack.parser()).getMessageId()).isEqualTo("m1");
                    context.completeNow();
                })));
    }

    @Test
    void shouldTellTheStatusAndTextOfAFailure(Vertx vertx, VertxTestContext context) {
        connected(vertx, request -> new ServerCall(request, 100).onMessages(messages -> {}))
                .compose(connection -> ClientCall.unary(connection, server, "/t.T/Big", BIG, MAX_BYTES, 5000))
                .onComplete(context.failing(failure -> context.verify(() -> {
                    assertThat(((GrpcFailure) failure).status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
                    assertThat(failure).hasMessageContaining("at most 100");
                    context.completeNow();
                })));
    }

    @Test
    void shouldHonourFlowControlAndLoseNothing(Vertx vertx, VertxTestContext context) {
        int count = 200;
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger refusals = new AtomicInteger();
        connected(vertx, request -> {
                    ServerCall call = new ServerCall(request, MAX_BYTES);
                    Runnable pump = () -> {
                        while (sent.get() < count && call.writable()) {
                            sent.incrementAndGet();
                            call.write(GrpcFrames.frame(BIG));
                        }
                        if (sent.get() == count) {
                            call.end(GrpcStatus.OK, "");
                        } else {
                            refusals.incrementAndGet();
                        }
                    };
                    call.onWritable(pump);
                    call.onHalfClose(pump);
                })
                .compose(connection -> ClientCall.open(connection, server, "/t.T/Stream", MAX_BYTES))
                .compose(call -> {
                    Promise<Integer> received = Promise.promise();
                    AtomicInteger messages = new AtomicInteger();
                    call.onMessages(batch -> messages.addAndGet(batch.size()));
                    call.onEnd((status, text) -> {
                        context.verify(() -> assertThat(status).isEqualTo(GrpcStatus.OK));
                        received.complete(messages.get());
                    });
                    call.halfClose();
                    return received.future();
                })
                .onComplete(context.succeeding(received -> context.verify(() -> {
                    assertThat(received).isEqualTo(count);
                    assertThat(refusals.get()).isPositive();
                    context.completeNow();
                })));
    }

    @Test
    void shouldTellTheServerOnceThatTheClientCancelled(Vertx vertx, VertxTestContext context) {
        AtomicInteger closes = new AtomicInteger();
        Promise<Void> opened = Promise.promise();
        connected(vertx, request -> {
                    ServerCall call = new ServerCall(request, MAX_BYTES);
                    call.onClosed(reason -> {
                        closes.incrementAndGet();
                        vertx.runOnContext(v -> context.verify(() -> {
                            assertThat(closes.get()).isEqualTo(1);
                            assertThat(call.isOver()).isTrue();
                            call.write(GrpcFrames.frame(BIG));
                            call.end(GrpcStatus.OK, "");
                            context.completeNow();
                        }));
                    });
                    call.onHalfClose(() -> {
                        call.write(GrpcFrames.frame(BIG));
                        opened.complete();
                    });
                })
                .compose(connection -> ClientCall.open(connection, server, "/t.T/Stream", MAX_BYTES))
                .compose(call -> {
                    call.halfClose();
                    return opened.future().onSuccess(v -> vertx.runOnContext(w -> call.cancel()));
                })
                .onFailure(context::failNow);
    }

    @Test
    void shouldEndTheClientsCallWhenTheConnectionBreaks(Vertx vertx, VertxTestContext context) {
        connected(
                        vertx,
                        request -> new ServerCall(request, MAX_BYTES)
                                .onMessages(messages -> request.connection().close()))
                .compose(connection -> ClientCall.unary(connection, server, "/t.T/Cut", BIG, MAX_BYTES, 5000))
                .onComplete(context.failing(failure -> context.verify(() -> {
                    assertThat(((GrpcFailure) failure).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
                    context.completeNow();
                })));
    }

    @Test
    void shouldGiveUpAfterTheTimeout(Vertx vertx, VertxTestContext context) {
        connected(vertx, request -> new ServerCall(request, MAX_BYTES).onMessages(messages -> {}))
                .compose(connection -> ClientCall.unary(connection, server, "/t.T/Mute", BIG, MAX_BYTES, 50))
                .map(MessageBytes::size)
                .onComplete(context.failing(failure -> context.verify(() -> {
                    assertThat(((GrpcFailure) failure).status()).isEqualTo(GrpcStatus.DEADLINE_EXCEEDED);
                    context.completeNow();
                })));
    }

    private Future<HttpClientConnection> connected(Vertx vertx, Consumer<HttpServerRequest> handler) {
        client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
        return vertx.createHttpServer()
                .requestHandler(handler::accept)
                .listen(0, "127.0.0.1")
                .compose(listening -> {
                    server = new Endpoint("127.0.0.1", listening.actualPort());
                    return client.connect(
                            new HttpConnectOptions().setHost("127.0.0.1").setPort(server.port()));
                });
    }
}
