package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;

/** One probe of one running container: when it asks next, and what the answers so far amount to. */
final class ProbeState {
    enum Verdict {
        UNKNOWN,
        SUCCESS,
        FAILURE
    }

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Probe probe;
    private final String address;
    private final ToIntFunction<IntOrString> portOf;
    private long nextNs;
    private CompletableFuture<Boolean> asked;
    private int successes;
    private int failures;
    private Verdict verdict = Verdict.UNKNOWN;

    ProbeState(Probe probe, String address, ToIntFunction<IntOrString> portOf, long nowNs) {
        this.probe = probe;
        this.address = address;
        this.portOf = portOf;
        nextNs = nowNs + seconds(probe.getInitialDelaySeconds(), 0) * 1_000_000_000L;
    }

    Verdict verdict() {
        return verdict;
    }

    /** Counts an answer that has come and asks anew when it is time. */
    Verdict tick(long nowNs) {
        if (asked != null && asked.isDone()) {
            count(!asked.isCompletedExceptionally() && asked.join());
            asked = null;
        }
        if (asked == null && nowNs >= nextNs) {
            nextNs = nowNs + seconds(probe.getPeriodSeconds(), 10) * 1_000_000_000L;
            asked = ask(Duration.ofSeconds(seconds(probe.getTimeoutSeconds(), 1)));
        }
        return verdict;
    }

    private void count(boolean isSuccess) {
        successes = isSuccess ? successes + 1 : 0;
        failures = isSuccess ? 0 : failures + 1;
        if (isSuccess && successes >= seconds(probe.getSuccessThreshold(), 1)) {
            verdict = Verdict.SUCCESS;
        } else if (!isSuccess && failures >= seconds(probe.getFailureThreshold(), 3)) {
            verdict = Verdict.FAILURE;
        }
    }

    private CompletableFuture<Boolean> ask(Duration timeout) {
        if (probe.getHttpGet() != null) {
            URI uri = URI.create("http://" + address + ":"
                    + portOf.applyAsInt(probe.getHttpGet().getPort())
                    + probe.getHttpGet().getPath());
            HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
            return HTTP.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                    .thenApply(response -> response.statusCode() >= 200 && response.statusCode() < 400);
        }
        if (probe.getTcpSocket() != null) {
            int port = portOf.applyAsInt(probe.getTcpSocket().getPort());
            return CompletableFuture.supplyAsync(() -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(address, port), (int) timeout.toMillis());
                    return true;
                } catch (IOException e) {
                    return false;
                }
            });
        }
        throw new IllegalArgumentException("neither httpGet nor tcpSocket: " + probe);
    }

    private static int seconds(Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }
}
