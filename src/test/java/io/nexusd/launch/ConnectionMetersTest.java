package io.nexusd.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.micrometer.MicrometerMetricsFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectionMetersTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void shouldTellOfConnectionsAndPoolsAndNotOfRequests() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions().setMetricsOptions(ProcessMeters.ofVertx()))
                .withMetrics(new ConnectionMeters.Factory(new MicrometerMetricsFactory(registry)))
                .build();
        try {
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(request -> request.response().end("well"))
                    .listen(0, "127.0.0.1")
                    .await(10, TimeUnit.SECONDS);
            URI uri = URI.create("http://127.0.0.1:" + server.actualPort());
            assertThat(client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("well");

            assertThat(registry.get("vertx.http.server.active.connections")
                            .gauge()
                            .value())
                    .isPositive();
            assertThat(registry.get("vertx.http.server.bytes.written").counter().count())
                    .isPositive();
            assertThat(registry.getMeters())
                    .extracting(Meter::getId)
                    .extracting(Meter.Id::getName)
                    .anyMatch(name -> name.startsWith("vertx.pool"))
                    .noneMatch(name -> name.contains("request") || name.contains("response"));
        } finally {
            vertx.close().await(10, TimeUnit.SECONDS);
        }
    }
}
