package io.nexusd.meshapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Lifecycle;
import io.nexusd.bus.Links;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Retention;
import io.nexusd.bus.Routing;
import io.nexusd.client.Collector;
import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.model.Settings;
import io.nexusd.proto.discovery.Beacon;
import io.nexusd.proto.mesh.Ack;
import io.nexusd.proto.mesh.EnvelopeBatch;
import io.nexusd.proto.mesh.LinkBeat;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.proto.mesh.LinkHello;
import io.nexusd.proto.mesh.MembersRequest;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.mesh.NodeState;
import io.nexusd.proto.mesh.NodeStateRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeshApiVerticleTest {
    private static final NodeId SELF = new NodeId("self");
    private static final NodeIdentity IDENTITY =
            new NodeIdentity(SELF, "default", "me", new Endpoint("127.0.0.1", 1), 2, 2, "v", 3);

    private static final MethodDescriptor<LinkFrame, LinkFrame> LINK =
            method("Link", MethodType.BIDI_STREAMING, LinkFrame.getDefaultInstance(), LinkFrame.getDefaultInstance());
    private static final MethodDescriptor<MessageEnvelope, Ack> PUSH_STREAM = method(
            "PushMessageStream",
            MethodType.BIDI_STREAMING,
            MessageEnvelope.getDefaultInstance(),
            Ack.getDefaultInstance());
    private static final MethodDescriptor<MessageEnvelope, Ack> PUSH =
            method("PushMessage", MethodType.UNARY, MessageEnvelope.getDefaultInstance(), Ack.getDefaultInstance());
    private static final MethodDescriptor<NodeStateRequest, NodeState> STATE = method(
            "GetNodeState", MethodType.UNARY, NodeStateRequest.getDefaultInstance(), NodeState.getDefaultInstance());

    private final List<Envelope> routed = new CopyOnWriteArrayList<>();
    private final List<Links.PeerArrived> arrived = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final Queue<Promise<Void>> stalled = new ConcurrentLinkedQueue<>();
    private volatile boolean routerStalls;
    private Vertx vertx;
    private Bus bus;
    private ManagedChannel channel;

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
            String name, MethodType type, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(type)
                .setFullMethodName("nexusd.mesh.MeshService/" + name)
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }

    private static final Envelope RETAINED =
            new Envelope("r", "kept", ByteString.copyFromUtf8("v"), "", 5, "n", true, "", 0, Map.of(), Envelope.NEVER);

    @BeforeEach
    void deploy() throws Exception {
        vertx = Vertx.vertx();
        bus = new Bus(vertx);
        Promise<Integer> port = Promise.promise();
        bus.on(Lifecycle.LISTENER_BOUND, bound -> port.complete(bound.port()));
        bus.on(Links.PEER_ARRIVED, arrived::add);
        bus.answer(Routing.PEER_MESSAGES, messages -> {
            asked.incrementAndGet();
            messages.messages().forEach(message -> routed.add(message.envelope()));
            Promise<Void> taken = Promise.promise();
            if (routerStalls) {
                stalled.add(taken);
            } else {
                taken.complete();
            }
            return taken.future();
        });
        bus.answer(Links.OWN_STATE, () -> Future.succeededFuture(new Links.NodeState(SELF, List.of("a/#", "b"), 77)));
        bus.answer(Retention.ALL, wanted -> Future.succeededFuture(new Retention.Messages(List.of(RETAINED))));
        bus.answer(
                Links.MEMBERS,
                () -> Future.succeededFuture(
                        new Links.KnownMembers(List.of(new Links.Member(SELF, "me", IDENTITY.mesh())))));
        LoadResult loaded = ConfigLoader.parse(
                new String[] {"--bind", "127.0.0.1", "--mesh-port", "0", "--name", "me"}, Map.of(), Path.of("target"));
        Settings settings = ((LoadResult.Loaded) loaded).config().settings();
        vertx.deployVerticle(new MeshApiVerticle(bus, settings, SELF, new Meters(new SimpleMeterRegistry())))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        int bound = port.future().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", bound)
                .usePlaintext()
                .build();
        Beat beat = new Beat(SELF, "default", IDENTITY.mesh(), 2, 77, 0, 1, 2, false);
        bus.publish(Links.OWN_BEAT, new Links.OwnBeat(IDENTITY, beat, 5, 1000));
    }

    @AfterEach
    void close() throws Exception {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static LinkFrame hello(String id, String cluster) {
        return LinkFrame.newBuilder()
                .setHello(LinkHello.newBuilder()
                        .setInstanceUuid(id)
                        .setClusterId(cluster)
                        .setName("peer")
                        .setRpcHost("10.0.0.1")
                        .setRpcPort(5671)
                        .setProtocolVersion(2))
                .build();
    }

    private static LinkFrame batch(long first, int count) {
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder().setFirstSequence(first);
        for (int i = 0; i < count; i++) {
            batch.addEnvelopes(
                    MessageEnvelope.newBuilder().setMessageId("m" + (first + i)).setTopic("t"));
        }
        return LinkFrame.newBuilder().setBatch(batch).build();
    }

    private StreamObserver<LinkFrame> link(Collector<LinkFrame> answers) {
        return ClientCalls.asyncBidiStreamingCall(channel.newCall(LINK, CallOptions.DEFAULT), answers);
    }

    private static long acknowledged(Collector<LinkFrame> answers) {
        return answers.values().stream()
                .filter(LinkFrame::hasAck)
                .mapToLong(frame -> frame.getAck().getThroughSequence())
                .max()
                .orElse(0);
    }

    private static Status end(Collector<?> answers) {
        Throwable error = answers.awaitEnd();
        return error == null ? Status.OK : Status.fromThrowable(error);
    }

    private List<String> ids() {
        return routed.stream().map(Envelope::messageId).toList();
    }

    @Test
    void shouldAnswerAHelloAndTellWhoArrived() {
        Collector<LinkFrame> answers = new Collector<>();
        StreamObserver<LinkFrame> link = link(answers);
        link.onNext(hello("peer-1", "default"));
        answers.awaitValues(2);
        LinkHello hello = answers.values().get(0).getHello();
        assertThat(hello.getInstanceUuid()).isEqualTo("self");
        assertThat(hello.getTopicStateHash()).isEqualTo(77);
        assertThat(hello.getLastSequence()).isZero();
        assertThat(answers.values().get(1).getBeat().getMembersHash()).isEqualTo(5);
        await().until(() -> arrived.size() == 1);
        assertThat(arrived.get(0).peer().mesh()).isEqualTo(new Endpoint("10.0.0.1", 5671));
        assertThat(arrived.get(0).fromIp()).isEqualTo("127.0.0.1");

        link.onNext(LinkFrame.newBuilder()
                .setMembersRequest(MembersRequest.getDefaultInstance())
                .build());
        answers.awaitValues(3);
        assertThat(answers.values().get(2).getMembers().getMembers(0).getInstanceUuid())
                .isEqualTo("self");
        link.onCompleted();
        assertThat(end(answers).isOk()).isTrue();
    }

    @Test
    void shouldTakeEveryNumberOnceAlsoOverANewLink() {
        Collector<LinkFrame> first = new Collector<>();
        StreamObserver<LinkFrame> link = link(first);
        link.onNext(hello("peer-1", "default"));
        link.onNext(batch(1, 100));
        link.onNext(batch(101, 100));
        await().until(() -> acknowledged(first) == 200);
        link.onError(new IllegalStateException("the cable was pulled"));

        Collector<LinkFrame> second = new Collector<>();
        StreamObserver<LinkFrame> again = link(second);
        again.onNext(hello("peer-1", "default"));
        second.awaitValues(1);
        assertThat(second.values().get(0).getHello().getLastSequence()).isEqualTo(200);
        again.onNext(batch(151, 100));
        again.onNext(batch(300, 1));
        await().until(() -> acknowledged(second) == 300);
        List<String> expected = new java.util.ArrayList<>();
        IntStream.rangeClosed(1, 250).forEach(i -> expected.add("m" + i));
        expected.add("m300");
        assertThat(ids()).isEqualTo(expected);
    }

    /** The sender's clock is an hour ahead, then an hour behind: neither expires anything early nor keeps it for ever. */
    @ParameterizedTest
    @ValueSource(longs = {3_600_000, -3_600_000})
    void shouldJudgeLifetimesByTheSendersClock(long aheadMs) {
        Collector<LinkFrame> answers = new Collector<>();
        StreamObserver<LinkFrame> link = link(answers);
        link.onNext(hello("peer-1", "default"));
        answers.awaitValues(2);
        long sentMs = System.currentTimeMillis() + aheadMs;
        link.onNext(aging(1, "unmeasured", sentMs - 4_000, sentMs));
        await().until(() -> routed.size() == 1);
        assertLeft(routed.get(0), 6_000);

        // The echo of this node's beat says how far the clocks differ.
        long echo = answers.values().get(1).getBeat().getSentAtMs();
        link.onNext(LinkFrame.newBuilder()
                .setBeat(LinkBeat.newBuilder()
                        .setBeacon(Beacon.newBuilder()
                                .setInstanceUuid("peer-1")
                                .setClusterId("default")
                                .setRpcIp("10.0.0.1")
                                .setRpcPort(5671)
                                .setProtocolVersion(2))
                        .setSentAtMs(System.currentTimeMillis() + aheadMs)
                        .setEchoSentAtMs(echo))
                .build());
        link.onNext(aging(2, "measured", sentMs - 4_000, sentMs));
        link.onNext(aging(3, "over", sentMs - 10_000, sentMs));
        // The sender's clock is set, and what was measured before says nothing any more.
        link.onNext(aging(4, "stepped back", sentMs - 14_000, sentMs - 10_000));
        link.onNext(aging(5, "stepped forward", sentMs + 6_000, sentMs + 10_000));
        await().until(() -> routed.size() == 5);
        assertLeft(routed.get(1), 6_000);
        assertThat(routed.get(2).expiredAt(System.nanoTime())).isTrue();
        assertLeft(routed.get(3), 6_000);
        assertLeft(routed.get(4), 6_000);
    }

    private static LinkFrame aging(long sequence, String id, long publishedMs, long sentMs) {
        return LinkFrame.newBuilder()
                .setBatch(EnvelopeBatch.newBuilder()
                        .setFirstSequence(sequence)
                        .setSentAtMs(sentMs)
                        .addEnvelopes(MessageEnvelope.newBuilder()
                                .setMessageId(id)
                                .setTopic("t")
                                .setTimestampMs(publishedMs)
                                .setTtlMs(10_000)))
                .build();
    }

    private static void assertLeft(Envelope envelope, long leftMs) {
        long actualMs = (envelope.expiresNs() - System.nanoTime()) / 1_000_000;
        assertThat(actualMs).as(envelope.messageId()).isBetween(leftMs - 2_000, leftMs + 1_000);
    }

    @Test
    void shouldRefuseWhatIsNoLinkOfThisCluster() {
        Collector<LinkFrame> foreign = new Collector<>();
        link(foreign).onNext(hello("peer-1", "blue"));
        Status refused = end(foreign);
        assertThat(refused.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(refused.getDescription()).contains("'default'").contains("'blue'");

        Collector<LinkFrame> rude = new Collector<>();
        link(rude).onNext(batch(1, 1));
        assertThat(end(rude).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);

        Collector<LinkFrame> nameless = new Collector<>();
        link(nameless).onNext(hello("", "default"));
        assertThat(end(nameless).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);

        Collector<LinkFrame> unnumbered = new Collector<>();
        StreamObserver<LinkFrame> link = link(unnumbered);
        link.onNext(hello("peer-1", "default"));
        link.onNext(batch(0, 3));
        assertThat(end(unnumbered).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(routed).isEmpty();
    }

    @Test
    void shouldAnswerItsOwnHelloButNotTakeItselfForAPeer() {
        Collector<LinkFrame> answers = new Collector<>();
        link(answers).onNext(hello("self", "default"));
        answers.awaitValues(1);
        Collector<LinkFrame> other = new Collector<>();
        link(other).onNext(hello("peer-2", "default"));
        await().until(() -> arrived.size() == 1);
        assertThat(arrived.get(0).peer().id()).isEqualTo(new NodeId("peer-2"));
    }

    @Test
    void shouldTakeNoNewLinksWhileLeaving() {
        Beat leaving = new Beat(SELF, "default", IDENTITY.mesh(), 2, 77, 0, 1, 2, true);
        bus.publish(Links.OWN_BEAT, new Links.OwnBeat(IDENTITY, leaving, 5, 1000));
        await().until(() -> {
            Collector<LinkFrame> answers = new Collector<>();
            link(answers).onNext(hello("peer-1", "default"));
            await().until(() -> !answers.values().isEmpty() || answers.hasEnded());
            return answers.hasEnded() && end(answers).getCode() == Status.Code.UNAVAILABLE;
        });
    }

    @Test
    void shouldStopReadingALinkWhoseMessagesAreNotRouted() {
        routerStalls = true;
        Collector<LinkFrame> answers = new Collector<>();
        StreamObserver<LinkFrame> link = link(answers);
        link.onNext(hello("peer-1", "default"));
        answers.awaitValues(1);
        int batches = 400;
        for (int i = 0; i < batches; i++) {
            EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder().setFirstSequence(i + 1);
            batch.addEnvelopes(MessageEnvelope.newBuilder()
                    .setMessageId("m")
                    .setTopic("t")
                    .setPayload(ByteString.copyFrom(new byte[100_000])));
            link.onNext(LinkFrame.newBuilder().setBatch(batch).build());
        }
        // What is under way stops growing: the windows of the call and of its stream are full.
        await().pollInterval(Duration.ofMillis(300)).until(() -> {
            int before = asked.get();
            Thread.sleep(250);
            return before > 0 && asked.get() == before;
        });
        assertThat(asked.get()).isLessThan(40);
        assertThat(acknowledged(answers)).isZero();

        routerStalls = false;
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            for (var taken = stalled.poll(); taken != null; taken = stalled.poll()) {
                taken.complete();
            }
            return acknowledged(answers) == batches;
        });
        assertThat(routed).hasSize(batches);
    }

    @Test
    void shouldServePeersThatKnowOnlyTheBase() {
        NodeState state = ClientCalls.blockingUnaryCall(
                channel.newCall(STATE, CallOptions.DEFAULT), NodeStateRequest.getDefaultInstance());
        assertThat(state.getInstanceUuid()).isEqualTo("self");
        assertThat(state.getTopicsList()).containsExactly("a/#", "b");
        assertThat(state.getTopicStateHash()).isEqualTo(77);
        assertThat(state.getClusterId()).isEqualTo("default");

        Ack taken = ClientCalls.blockingUnaryCall(
                channel.newCall(PUSH, CallOptions.DEFAULT),
                MessageEnvelope.newBuilder().setMessageId("one").setTopic("t").build());
        assertThat(taken)
                .isEqualTo(Ack.newBuilder().setSuccess(true).setMessageId("one").build());

        Collector<Ack> acks = new Collector<>();
        StreamObserver<MessageEnvelope> stream =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(PUSH_STREAM, CallOptions.DEFAULT), acks);
        for (int i = 0; i < 10_000; i++) {
            stream.onNext(MessageEnvelope.newBuilder()
                    .setMessageId("s" + i)
                    .setTopic(i == 5 ? "not//valid" : "t")
                    .build());
        }
        stream.onCompleted();
        assertThat(end(acks).isOk()).isTrue();
        assertThat(acks.values())
                .extracting(Ack::getMessageId)
                .isEqualTo(IntStream.range(0, 10_000).mapToObj(i -> "s" + i).toList());
        assertThat(acks.values().get(5).getSuccess()).isFalse();
        assertThat(acks.values().get(5).getErrorMessage()).contains("empty level");
        assertThat(routed).hasSize(10_000);
    }
}
