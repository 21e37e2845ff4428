package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.FreePort;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.ShowLogs;
import io.nexusd.lab.SpanCollector;
import io.nexusd.lab.SpanCollector.Span;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Trace context from an application at one node to applications at others, and the spans the nodes make of it. */
@ExtendWith(ShowLogs.class)
class TracingIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final Map<String, String> CONTEXT =
            Map.of("traceparent", "00-" + TRACE + "-" + PARENT + "-01", "tracestate", "vendor=opaque,other=1");

    @Test
    void shouldCarryTraceContextUntouchedInEveryKindOfEvent() {
        try (Pair pair = new Pair(Map.of())) {
            ForeignSubscription single = pair.far.client().subscribe("trace/#");
            ForeignSubscription batches = pair.far
                    .client()
                    .subscribe(SubscribeRequest.newBuilder()
                            .addTopics("trace/#")
                            .setClientId("batches")
                            .setAcceptBatches(true)
                            .build());
            pair.awaitInterest("trace/#", single);
            publish(pair.near, "trace/retained", true);
            assertContext(single.awaitMessages(1).messages().get(0));
            assertContext(batches.awaitMessages(1).messages().get(0));

            SubscribeRequest late = SubscribeRequest.newBuilder()
                    .addTopics("trace/retained")
                    .setClientId("late")
                    .setReceiveRetained(true)
                    .build();
            ForeignSubscription retained = pair.far.client().subscribe(late);
            retained.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasRetainedMessage));
            assertContext(retained.events().stream()
                    .filter(MessageEvent::hasRetainedMessage)
                    .findFirst()
                    .orElseThrow()
                    .getRetainedMessage());

            pair.far.client().pause(single.id());
            publish(pair.near, "trace/missed", false);
            await("the message that is missed")
                    .atMost(LIMIT)
                    .until(() -> batches.messages().stream()
                            .anyMatch(message -> message.getTopic().equals("trace/missed")));
            ForeignSubscription back = pair.far
                    .client()
                    .resume(ResumeSubscribeRequest.newBuilder()
                            .setSubscriptionId(single.id())
                            .setGapRecoveryMode(GapRecoveryMode.GAP_RECOVERY_REPLAY_BUFFER)
                            .build());
            back.awaitEvents(events -> events.stream().anyMatch(MessageEvent::hasReplayMessage));
            assertContext(back.events().stream()
                    .filter(MessageEvent::hasReplayMessage)
                    .findFirst()
                    .orElseThrow()
                    .getReplayMessage());
        }
    }

    @Test
    void shouldTellACollectorTheWholeWayOfAMessage() throws Exception {
        try (SpanCollector collector = SpanCollector.start();
                Pair pair = new Pair(
                        Map.of("NEXUSD_TRACING_ENABLED", "true", "NEXUSD_TRACING_ENDPOINT", collector.endpoint()))) {
            ForeignSubscription far = pair.far.client().subscribe("trace/#");
            ForeignSubscription near = pair.near.client().subscribe("trace/#");
            pair.awaitInterest("trace/#", far);
            pair.near.client().publish("trace/untraced", "no context, no spans");
            publish(pair.near, "trace/way", false);

            await("a span for each step on each node")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(collector.spans().stream()
                                    .map(span -> span.node() + ": " + span.name())
                                    .toList())
                            .containsExactlyInAnyOrder(
                                    "near: publish trace/way",
                                    "near: route trace/way",
                                    "near: deliver trace/way",
                                    "near: forward trace/way",
                                    "far: route trace/way",
                                    "far: deliver trace/way"));
            List<Span> spans = collector.spans();
            assertThat(spans).allMatch(span -> span.traceId().equals(TRACE));
            Span publish = spans.stream()
                    .filter(span -> span.name().startsWith("publish"))
                    .findFirst()
                    .orElseThrow();
            assertThat(publish.parentId()).isEqualTo(PARENT);
            assertThat(spans.stream().filter(span -> span != publish).toList())
                    .allMatch(span -> span.parentId().equals(publish.spanId()));
            assertThat(spans.stream().map(Span::spanId).collect(Collectors.toSet()))
                    .hasSize(spans.size());

            // Subscribers go on from the publish; what the publisher keeps beside it is its own.
            Message received = far.awaitMessages(2).messages().get(1);
            assertThat(received.getHeadersMap())
                    .isEqualTo(Map.of(
                            "traceparent",
                            "00-" + TRACE + "-" + publish.spanId() + "-01",
                            "tracestate",
                            CONTEXT.get("tracestate")));
            assertThat(near.awaitMessages(2).messages().get(0).getHeadersMap()).isEmpty();
        }
    }

    private static void assertContext(Message message) {
        assertThat(message.getHeadersMap()).isEqualTo(CONTEXT);
    }

    private static void publish(LabDaemon daemon, String topic, boolean retain) {
        daemon.client()
                .publish(PublishRequest.newBuilder()
                        .setTopic(topic)
                        .setPayload(ByteString.copyFromUtf8("x"))
                        .setRetain(retain)
                        .putAllHeaders(CONTEXT)
                        .build());
    }

    /** Two daemons of a mesh. */
    private static final class Pair implements AutoCloseable {
        final LabDaemon near;
        final LabDaemon far;

        Pair(Map<String, String> environment) {
            int mesh = FreePort.tcp();
            near = LabDaemon.onLoopback("trace-near")
                    .environment("NEXUSD_NODE_NAME", "near")
                    .environment("NEXUSD_MESH_PORT", String.valueOf(mesh))
                    .environment(environment)
                    .start();
            far = LabDaemon.onLoopback("trace-far")
                    .environment("NEXUSD_NODE_NAME", "far")
                    .environment("NEXUSD_PEERS_STATIC", "127.0.0.1:" + mesh)
                    .environment(environment)
                    .start();
            near.awaitReady();
            far.awaitReady();
        }

        void awaitInterest(String filter, ForeignSubscription there) {
            await("that " + there.id() + " is known elsewhere")
                    .atMost(LIMIT)
                    .until(() -> near.client().peers().stream()
                            .anyMatch(peer -> peer.getTopicsList().contains(filter)));
        }

        @Override
        public void close() {
            far.close();
            near.close();
        }
    }
}
