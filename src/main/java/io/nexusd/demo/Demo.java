package io.nexusd.demo;

import com.google.protobuf.ByteString;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.SidecarServiceGrpcClient;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A mesh of three daemons in this process, and a message that crosses it: started, joined, subscribed, published, received,
 * stopped, each step printed. The applications are gRPC clients like any other.
 */
public final class Demo {
    private static final int NODES = 3;
    private static final int MESSAGES = 1_000;
    private static final int SHOWN = 3;
    private static final String TOPIC = "demo/greetings";
    private static final int STEP_TIMEOUT_MS = 60_000;
    private static final int MULTICAST_TIMEOUT_MS = 5_000;
    private static final int POLL_MS = 20;

    private final Vertx vertx;
    private final GrpcClient client;
    private final DemoNode.Starter starter;
    private final PrintStream out;
    private final List<DemoNode> nodes = new ArrayList<>();
    private final Promise<Void> allReceived = Promise.promise();
    private final long[] latenciesUs = new long[MESSAGES];
    private final long startedNs = System.nanoTime();
    private long sentNs;
    private int received;

    private Demo(Vertx vertx, DemoNode.Starter starter, PrintStream out) {
        this.vertx = vertx;
        this.client = GrpcClient.client(vertx);
        this.starter = starter;
        this.out = out;
    }

    /**
     * Runs the demo; the Vertx is for its clients and stays open.
     *
     * @return whether every message arrived; fails, naming the step, when a step did not end in time
     */
    public static Future<Boolean> run(Vertx vertx, DemoNode.Starter starter, PrintStream out) {
        Demo demo = new Demo(vertx, starter, out);
        demo.say("Starting three daemons in this process, on free ports of the loopback.");
        return vertx.executeBlocking(MulticastProbe::freePort)
                .compose(demo::startMesh)
                .compose(v -> demo.step("the subscription did not start", demo.subscribe()))
                .compose(v -> demo.interestKnown())
                .compose(v -> demo.step("not every message arrived", demo.publish()))
                .map(v -> demo.summarise())
                .transform(result -> demo.stopNodes()
                        .transform(stopped -> Future.future(promise -> {
                            if (result.succeeded()) {
                                promise.complete(result.result());
                            } else {
                                promise.fail(result.cause());
                            }
                        })));
    }

    /** By multicast where a datagram came back, and otherwise, or where that turns out not to be enough, by address. */
    private Future<Void> startMesh(int multicastPort) {
        if (multicastPort == 0) {
            say("Multicast does not work here: nodes 2 and 3 are told the address of node 1, the rest they learn.");
            return startNodes(0).compose(v -> joined(STEP_TIMEOUT_MS));
        }
        say("Multicast works here: they will find each other by it, with no address configured.");
        return startNodes(multicastPort)
                .compose(v -> joined(MULTICAST_TIMEOUT_MS))
                .recover(e -> {
                    say("They did not find each other by multicast; starting them again by address.");
                    return stopNodes().compose(v -> startMesh(0));
                });
    }

    private Future<Void> startNodes(int multicastPort) {
        String cluster = "demo-" + UUID.randomUUID().toString().substring(0, 8);
        Future<Void> started = Future.succeededFuture();
        for (int i = 1; i <= NODES; i++) {
            int number = i;
            started = started.compose(v -> startNode(number, cluster, multicastPort));
        }
        return started;
    }

    private Future<Void> startNode(int number, String cluster, int multicastPort) {
        List<String> flags = new ArrayList<>(List.of(
                "--name", "node" + number,
                "--cluster", cluster,
                "--bind", "127.0.0.1",
                "--mesh-port", "0",
                "--app-port", "0",
                "--admin-port", "0"));
        if (multicastPort > 0) {
            flags.addAll(List.of("--multicast", "true", "--mcast-port", Integer.toString(multicastPort)));
        } else {
            flags.addAll(List.of("--multicast", "false"));
            if (number > 1) {
                flags.addAll(List.of("--peers", "127.0.0.1:" + nodes.get(0).meshPort()));
            }
        }
        return starter.start(flags.toArray(String[]::new))
                .onSuccess(node -> {
                    nodes.add(node);
                    say("node " + number + " is up: applications on port " + node.appPort() + ", other nodes on port "
                            + node.meshPort());
                })
                .mapEmpty();
    }

    private Future<Void> joined(int timeoutMs) {
        return until(
                        "the mesh did not form",
                        timeoutMs,
                        () -> Future.all(nodes.stream().map(this::peersOf).toList())
                                .map(all -> all.<Integer>list().stream().allMatch(peers -> peers == NODES - 1)))
                .onSuccess(v -> say("every node knows the other two"));
    }

    private Future<Integer> peersOf(DemoNode node) {
        return app(node).getPeers(GetPeersRequest.getDefaultInstance()).map(response -> response.getPeersCount());
    }

    private Future<Void> subscribe() {
        Promise<Void> begun = Promise.promise();
        SubscribeRequest request = SubscribeRequest.newBuilder()
                .addTopics("demo/#")
                .setClientId("demo")
                .build();
        app(nodes.get(2))
                .subscribe(request)
                .onSuccess(events -> events.handler(event -> onEvent(event, begun)))
                .onFailure(begun::tryFail);
        return begun.future();
    }

    private void onEvent(MessageEvent event, Promise<Void> begun) {
        if (event.hasSubscriptionInfo()) {
            say("an application at node 3 subscribes to demo/#");
            begun.tryComplete();
        } else if (event.hasMessage() && received < MESSAGES) {
            latenciesUs[received++] = (System.nanoTime() - sentNs) / 1_000;
            if (received <= SHOWN) {
                say("   received at node 3 after " + latenciesUs[received - 1] + " µs: \""
                        + event.getMessage().getPayload().toStringUtf8() + "\" on "
                        + event.getMessage().getTopic());
            }
            if (received == MESSAGES) {
                allReceived.tryComplete();
            } else {
                publishNext();
            }
        }
    }

    private Future<Void> interestKnown() {
        GetPeersRequest request =
                GetPeersRequest.newBuilder().setIncludeState(true).build();
        return until(
                        "node 1 did not learn of the subscription",
                        STEP_TIMEOUT_MS,
                        () -> app(nodes.get(0))
                                .getPeers(request)
                                .map(response -> response.getPeersList().stream()
                                        .anyMatch(peer -> peer.getTopicsList().contains("demo/#"))))
                .onSuccess(v -> say("node 1 knows that node 3 wants demo/#"));
    }

    private Future<Void> publish() {
        say("an application at node 1 publishes " + MESSAGES + " messages on " + TOPIC);
        publishNext();
        return allReceived.future();
    }

    /** One after the other, so that each latency is that of a message alone. */
    private void publishNext() {
        int number = received + 1;
        PublishRequest request = PublishRequest.newBuilder()
                .setTopic(TOPIC)
                .setPayload(ByteString.copyFromUtf8("hello number " + number))
                .setContentType("text/plain")
                .build();
        sentNs = System.nanoTime();
        app(nodes.get(0))
                .publish(request)
                .onSuccess(response -> {
                    if (number <= SHOWN) {
                        say("   published at node 1: id " + response.getMessageId() + ", receivers "
                                + response.getSubscriberCount());
                    }
                })
                .onFailure(allReceived::tryFail);
    }

    private boolean summarise() {
        long[] sorted = Arrays.copyOf(latenciesUs, received);
        Arrays.sort(sorted);
        say("published " + MESSAGES + ", received " + received + ", lost " + (MESSAGES - received));
        say("latency from publish call to received event, two hops through two daemons: median " + sorted[received / 2]
                + " µs, 99% within " + sorted[received * 99 / 100] + " µs");
        return received == MESSAGES;
    }

    private Future<Void> stopNodes() {
        List<Future<Void>> stopped = nodes.stream().map(DemoNode::stop).toList();
        return Future.join(stopped)
                .onComplete(v -> {
                    say("stopped " + nodes.size() + " daemons");
                    nodes.clear();
                })
                .otherwiseEmpty()
                .mapEmpty();
    }

    private SidecarServiceGrpcClient app(DemoNode node) {
        return SidecarServiceGrpcClient.create(client, SocketAddress.inetSocketAddress(node.appPort(), "127.0.0.1"));
    }

    private <T> Future<T> step(String failure, Future<T> step) {
        return step.timeout(STEP_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .recover(e -> Future.failedFuture(new IllegalStateException(failure + ": " + e.getMessage(), e)));
    }

    private Future<Void> until(String failure, int timeoutMs, Supplier<Future<Boolean>> condition) {
        Promise<Void> holds = Promise.promise();
        long giveUpNs = System.nanoTime() + timeoutMs * 1_000_000L;
        vertx.setPeriodic(
                0,
                POLL_MS,
                timer -> condition.get().onComplete(result -> {
                    if (result.succeeded() && result.result()) {
                        vertx.cancelTimer(timer);
                        holds.tryComplete();
                    } else if (System.nanoTime() > giveUpNs) {
                        vertx.cancelTimer(timer);
                        holds.tryFail(failure + " within " + timeoutMs + " ms");
                    }
                }));
        return holds.future();
    }

    private void say(String text) {
        out.printf("%6d ms  %s%n", (System.nanoTime() - startedNs) / 1_000_000, text);
    }
}
