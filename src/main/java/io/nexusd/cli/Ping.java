package io.nexusd.cli;

import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import picocli.CommandLine.Command;

/** Whether the daemon answers, and how fast. */
@Command(name = "PING", description = "Tells whether the daemon answers, how fast, and whether it is ready.")
final class Ping extends Subcommand {
    private static final String CHECK = "/grpc.health.v1.Health/Check";

    @Override
    void run() {
        DaemonClient daemon = daemon();
        long startNs = System.nanoTime();
        HealthCheckResponse answer = daemon.call(
                CHECK,
                HealthCheckRequest.getDefaultInstance(),
                HealthCheckResponse.parser(),
                session().timeoutMs());
        long us = (System.nanoTime() - startNs) / 1000;
        boolean ready = answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING;
        output().table(new Table("daemon", "round_trip_us=round trip", "state")
                .row(
                        daemon.daemon().toString(),
                        Cell.of(us, Text.millis(us)),
                        Cell.state(ready ? "ready" : "not ready")));
    }
}
