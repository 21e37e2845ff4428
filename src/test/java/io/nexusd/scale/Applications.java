package io.nexusd.scale;

import io.nexusd.model.Endpoint;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetPeersResponse;
import io.nexusd.proto.sidecar.PeerInfo;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.wire.ClientCall;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Many applications in this process: connections to daemons and calls over them, all on one event loop, so that counting needs no
 * locks. Waiting is for the main thread.
 */
final class Applications implements AutoCloseable {
    /** Nothing here takes so long unless it hangs. */
    static final int LIMIT_S = 300;

    private static final String SERVICE = "/nexusd.sidecar.SidecarService/";
    private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
    private static final int CALL_TIMEOUT_MS = 60_000;
    private static final int CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

    private final Vertx vertx;
    private final Context loop;
    private final HttpClientAgent client;

    /** One connection to one daemon. */
    record Connection(HttpClientConnection http, Endpoint daemon) {}

    /** Makes applications of daemons on this machine. */
    Applications() {
        this(Transport.NIO);
    }

    /** Makes applications whose connections are of the given transport. */
    Applications(Transport transport) {
        vertx = Vertx.builder().withTransport(transport).build();
        loop = vertx.getOrCreateContext();
        client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings().setInitialWindowSize(1024 * 1024))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES));
    }

    Future<Connection> connect(int appPort) {
        return connect(new Endpoint("127.0.0.1", appPort));
    }

    Future<Connection> connect(Endpoint daemon) {
        return onLoop(() -> client.connect(
                        new HttpConnectOptions().setHost(daemon.host()).setPort(daemon.port()))
                .map(http -> new Connection(http, daemon)));
    }

    /**
     * Subscribes; the future completes when the daemon has answered.
     *
     * @param onEvents is told of the events of each read that come after the answer
     */
    Future<ClientCall> subscribe(
            Connection connection, List<String> filters, boolean batches, Consumer<List<MessageBytes>> onEvents) {
        SubscribeRequest request = SubscribeRequest.newBuilder()
                .addAllTopics(filters)
                .setClientId("nexusd-scale")
                .setAcceptBatches(batches)
                .build();
        return call(connection, "Subscribe").compose(call -> {
            Promise<ClientCall> subscribed = Promise.promise();
            call.onMessages(events -> {
                boolean first = subscribed.tryComplete(call);
                List<MessageBytes> rest = first ? events.subList(1, events.size()) : events;
                if (!rest.isEmpty()) {
                    onEvents.accept(rest);
                }
            });
            call.onEnd((status, text) -> subscribed.tryFail("a subscription ended: " + status + " " + text));
            call.write(GrpcFrames.frame(request));
            call.halfClose();
            return subscribed.future();
        });
    }

    /** Opens a call whose handlers are to be set in the turn in which the future completes. */
    Future<ClientCall> call(Connection connection, String method) {
        return onLoop(
                () -> ClientCall.open(connection.http(), connection.daemon(), SERVICE + method, MAX_MESSAGE_BYTES));
    }

    /** Publishes one empty message; returns how many local subscriptions and other nodes it goes to. */
    Future<Integer> publish(Connection connection, String topic) {
        return publish(connection, PublishRequest.newBuilder().setTopic(topic).build());
    }

    /** As above, with any message. */
    Future<Integer> publish(Connection connection, PublishRequest request) {
        return unary(connection, "Publish", request).map(bytes -> {
            return bytes.parsed(PublishResponse.parser()).getSubscriberCount();
        });
    }

    /** Tells whether the daemon knows exactly so many other nodes, and takes all of them for alive. */
    Future<Boolean> seesAlive(Connection connection, int others) {
        return unary(connection, "GetPeers", GetPeersRequest.getDefaultInstance())
                .map(bytes -> {
                    List<PeerInfo> peers =
                            bytes.parsed(GetPeersResponse.parser()).getPeersList();
                    return peers.size() == others
                            && peers.stream().allMatch(peer -> peer.getStatus().equals("alive"));
                });
    }

    /** Publishes on the topic until the daemon sends it to somebody; each try waits for the one before. */
    Future<Void> untilWanted(Connection connection, String topic) {
        return publish(connection, topic)
                .compose(receivers -> receivers > 0
                        ? Future.succeededFuture()
                        : vertx.timer(1, TimeUnit.MILLISECONDS).compose(v -> untilWanted(connection, topic)));
    }

    /** Does something for 0 to count - 1, so many at a time; the results are in order. */
    <T> Future<List<T>> forEach(int count, int atATime, IntFunction<Future<T>> action) {
        List<T> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(null);
        }
        int[] next = {0};
        List<Future<Void>> lanes = new ArrayList<>();
        for (int lane = 0; lane < Math.min(count, atATime); lane++) {
            lanes.add(onLoop(() -> lane(next, results, action)));
        }
        return Future.all(lanes).map(all -> results);
    }

    private <T> Future<Void> lane(int[] next, List<T> results, IntFunction<Future<T>> action) {
        int index = next[0]++;
        if (index >= results.size()) {
            return Future.succeededFuture();
        }
        return action.apply(index).compose(result -> {
            results.set(index, result);
            return lane(next, results, action);
        });
    }

    /** Completes on the event loop when the condition, which is looked at there, holds. */
    Future<Void> until(Supplier<Boolean> condition) {
        Promise<Void> holds = Promise.promise();
        loop.runOnContext(v -> look(condition, holds));
        return holds.future();
    }

    private void look(Supplier<Boolean> condition, Promise<Void> holds) {
        if (condition.get()) {
            holds.complete();
        } else {
            vertx.setTimer(1, timer -> look(condition, holds));
        }
    }

    /** Runs something on the event loop. */
    <T> Future<T> onLoop(Supplier<Future<T>> action) {
        if (Vertx.currentContext() == loop) {
            return action.get();
        }
        Promise<T> done = Promise.promise();
        loop.runOnContext(v -> action.get().onComplete(done));
        return done.future();
    }

    /** Waits, on a thread that may. */
    static <T> T await(String what, Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(LIMIT_S, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(what + " did not end within " + LIMIT_S + " s", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(what + " failed: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Future<MessageBytes> unary(Connection connection, String method, com.google.protobuf.MessageLite request) {
        return onLoop(() -> ClientCall.unary(
                connection.http(), connection.daemon(), SERVICE + method, request, MAX_MESSAGE_BYTES, CALL_TIMEOUT_MS));
    }

    @Override
    public void close() {
        await("closing the applications", vertx.close());
    }
}
