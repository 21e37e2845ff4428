package io.nexusd.scale;

import io.nexusd.model.Endpoint;
import io.nexusd.proto.sidecar.PublishRequest;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An application at each daemon of a mesh, and what they see of it: whom the daemons take for alive, how soon they know a filter,
 * whether messages come, each exactly once. Used by one thread.
 */
final class MeshProbe {
    private static final int SPREAD_ROUNDS = 20;
    /** Rounds before those that count, in which code is compiled here and there. */
    private static final int WARM_UP_ROUNDS = 10;

    private static final int CONNECTING_AT_A_TIME = 100;
    private static final String TOPIC = "scale/cross";

    private final Applications applications;
    private final List<Applications.Connection> connections;
    /** What each subscriber got of the numbered messages; empty until they subscribe. */
    private final List<Received> received = new ArrayList<>();
    /** How many numbered messages each is to have. */
    private final int[] expected;

    private int nextNumber;

    private MeshProbe(Applications applications, List<Applications.Connection> connections) {
        this.applications = applications;
        this.connections = connections;
        expected = new int[connections.size()];
    }

    static MeshProbe connect(Applications applications, List<Endpoint> daemons) {
        return new MeshProbe(
                applications,
                Applications.await(
                        "connecting",
                        applications.forEach(
                                daemons.size(), CONNECTING_AT_A_TIME, i -> applications.connect(daemons.get(i)))));
    }

    /** Waits until everybody takes everybody else for alive. */
    void awaitAllAlive() {
        awaitAlive(everybody());
    }

    /** Waits until each of these daemons knows as many others as they are, all alive; who says so once is not asked again. */
    void awaitAlive(List<Integer> daemons) {
        List<Integer> missing = new ArrayList<>(daemons);
        Waiting.until("a mesh of " + daemons.size(), () -> {
            while (!missing.isEmpty()) {
                Applications.Connection next = connections.get(missing.get(0));
                if (!Applications.await("asking", applications.seesAlive(next, daemons.size() - 1))) {
                    return false;
                }
                missing.remove(0);
            }
            return true;
        });
    }

    /**
     * Returns how long new filters take until everybody knows them, in order of length. Asks the daemons in turn, so that next to
     * nothing of the time is the asking.
     */
    List<Double> spreadMs() {
        List<Double> tookMs = new ArrayList<>();
        for (int round = -WARM_UP_ROUNDS; round < SPREAD_ROUNDS; round++) {
            String filter = "scale/spread/" + round;
            Applications.Connection subscriber = connections.get(Math.floorMod(round, connections.size()));
            Applications.await("subscribing", applications.subscribe(subscriber, List.of(filter), false, events -> {}));
            long startedNs = System.nanoTime();
            Future<Void> known = Future.succeededFuture();
            for (Applications.Connection connection : connections) {
                if (connection != subscriber) {
                    known = known.compose(v -> applications.untilWanted(connection, filter));
                }
            }
            Applications.await("the spread of a filter", known);
            if (round >= 0) {
                tookMs.add(Waiting.secondsSince(startedNs) * 1000);
            }
        }
        tookMs.sort(null);
        return tookMs;
    }

    /** A message published at each daemon comes exactly once to a subscriber at each. */
    void assertMessagesCross() {
        assertMessagesCross(everybody());
    }

    /** A message published at each of these daemons comes exactly once to a subscriber at each of them, and to nobody else. */
    void assertMessagesCross(List<Integer> daemons) {
        subscribeAll();
        awaitReach(daemons);
        publish(daemons, daemons);
    }

    /** Returns how long a message of one daemon takes until everybody has it. */
    double toAllMs(int publisher) {
        long startedNs = System.nanoTime();
        publish(List.of(publisher), everybody());
        return Waiting.secondsSince(startedNs) * 1000;
    }

    private void subscribeAll() {
        if (!received.isEmpty()) {
            return;
        }
        connections.forEach(connection -> received.add(new Received()));
        Applications.await(
                "subscribing",
                applications.forEach(
                        connections.size(),
                        CONNECTING_AT_A_TIME,
                        i -> applications.subscribe(connections.get(i), List.of(TOPIC), false, received.get(i)::take)));
    }

    /** Waits until what each of these daemons publishes goes to as many as they are; messages without a number count nowhere. */
    private void awaitReach(List<Integer> daemons) {
        List<Integer> missing = new ArrayList<>(daemons);
        Waiting.until("everybody knowing everybody's filter", () -> {
            while (!missing.isEmpty()) {
                Applications.Connection next = connections.get(missing.get(0));
                if (Applications.await("publishing", applications.publish(next, TOPIC)) != daemons.size()) {
                    return false;
                }
                missing.remove(0);
            }
            return true;
        });
    }

    private void publish(List<Integer> publishers, List<Integer> receivers) {
        for (int receiver : receivers) {
            expected[receiver] += publishers.size();
        }
        int first = nextNumber;
        nextNumber += publishers.size();
        List<Integer> reached = Applications.await(
                "publishing",
                applications.forEach(
                        publishers.size(),
                        CONNECTING_AT_A_TIME,
                        i -> applications.publish(
                                connections.get(publishers.get(i)),
                                PublishRequest.newBuilder()
                                        .setTopic(TOPIC)
                                        .setPayload(Received.payload(first + i, Integer.BYTES))
                                        .build())));
        reached.forEach(count -> check("reached by a message", count, receivers.size()));
        Applications.await(
                "delivery",
                applications.until(() -> IntStream.range(0, expected.length)
                        .allMatch(i -> received.get(i).count() >= expected[i])));
        for (int i = 0; i < expected.length; i++) {
            check("messages at daemon " + i, received.get(i).count(), expected[i]);
        }
    }

    private static void check(String what, long actual, long wanted) {
        if (actual != wanted) {
            throw new IllegalStateException(what + ": " + actual + ", not " + wanted);
        }
    }

    private List<Integer> everybody() {
        return IntStream.range(0, connections.size()).boxed().toList();
    }
}
