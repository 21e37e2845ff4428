package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Both ends of a request of a megabyte, of which the server answers nothing before it has come. */
@ExtendWith(VertxExtension.class)
class ConnectionActivityTest {
    private static final int BYTES = 1_000_000;

    private HttpClientAgent client;

    @Test
    void shouldCountWhatIsReadOnEitherSideOfAConnection(Vertx vertx, VertxTestContext context) {
        ConnectionActivity[] server = new ConnectionActivity[1];
        // One that nobody refers to any more is closed by the garbage collector.
        client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
        vertx.createHttpServer(new HttpServerOptions())
                .requestHandler(request -> {
                    server[0] = ConnectionActivity.of(request.connection());
                    assertThat(ConnectionActivity.of(request.connection())).isSameAs(server[0]);
                    request.body().onSuccess(body -> request.response().end());
                })
                .listen(0, "127.0.0.1")
                .compose(listening -> client.connect(
                        new HttpConnectOptions().setHost("127.0.0.1").setPort(listening.actualPort())))
                .compose(connection -> {
                    ConnectionActivity dialed = ConnectionActivity.of(connection);
                    return connection
                            .request(new RequestOptions())
                            .compose(request -> request.send(Buffer.buffer(new byte[BYTES])))
                            .map(response -> dialed);
                })
                .onComplete(context.succeeding(dialed -> context.verify(() -> {
                    assertThat(server[0].bytesRead()).isGreaterThan(BYTES / 2);
                    assertThat(server[0].lastReadMono()).isPositive();
                    assertThat(dialed.bytesRead()).as("window updates").isBetween(100L, 10_000L);
                    assertThat(dialed.lastReadMono()).isPositive();
                    context.completeNow();
                })));
    }
}
