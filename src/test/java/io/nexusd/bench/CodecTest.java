package io.nexusd.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.model.Endpoint;
import io.nexusd.proto.sidecar.BackpressureWarning;
import io.nexusd.proto.sidecar.Heartbeat;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageBatch;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes that bench writes are what the generated classes read, and the other way round. */
class CodecTest {
    private static final Endpoint NODE = new Endpoint("127.0.0.1", 5672);

    private static Plan plan(Plan.Mode mode, Plan.Codec codec, int payloadBytes) {
        return new Plan(
                NODE, NODE, mode, codec, "bench/x", payloadBytes, 1, 1, 0, 64, 100, 0, true, 0, 100, 100, List.of());
    }

    private static List<ByteString> unframed(Buffer frames) {
        List<ByteString> messages = new ArrayList<>();
        for (int at = 0; at < frames.length(); ) {
            int size = frames.getInt(at + 1);
            messages.add(ByteString.copyFrom(
                    frames.getBytes(at + GrpcFrames.PREFIX_BYTES, at + GrpcFrames.PREFIX_BYTES + size)));
            at += GrpcFrames.PREFIX_BYTES + size;
        }
        return messages;
    }

    private static void assertRequest(PublishRequest request, int payloadBytes, int index) {
        assertThat(request.getTopic()).isEqualTo("bench/x");
        assertThat(request.getPayload().size()).isEqualTo(payloadBytes);
        byte[] payload = request.getPayload().toByteArray();
        assertThat(Stamp.intendedNs(payload, 0)).isEqualTo(-77L - index);
        long rest = Stamp.rest(payload, 0);
        assertThat(Stamp.phase(rest)).isEqualTo(2);
        assertThat(Stamp.publisher(rest)).isEqualTo(70_000);
        assertThat(Stamp.number(rest)).isEqualTo(1000 + index);
    }

    private static final Requests.Stamps STAMPS =
            (target, offset, i) -> Stamp.write(target, offset, -77L - i, 2, 70_000, 1000L + i);

    @ParameterizedTest
    @ValueSource(ints = {16, 100, 256, 4096, 65_536})
    void shouldWriteWhatTheDaemonReads(int payloadBytes) throws InvalidProtocolBufferException {
        for (Plan.Codec codec : Plan.Codec.values()) {
            List<ByteString> single =
                    unframed(new Requests(plan(Plan.Mode.STREAM, codec, payloadBytes)).frames(3, STAMPS));
            assertThat(single).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertRequest(PublishRequest.parseFrom(single.get(i)), payloadBytes, i);
            }
            List<ByteString> batch =
                    unframed(new Requests(plan(Plan.Mode.BATCH, codec, payloadBytes)).frames(3, STAMPS));
            assertThat(batch).hasSize(1);
            PublishBatch parsed = PublishBatch.parseFrom(batch.get(0));
            assertThat(parsed.getRequestsCount()).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                assertRequest(parsed.getRequests(i), payloadBytes, i);
            }
        }
    }

    private static Message message(int number) {
        byte[] payload = new byte[300];
        Stamp.write(payload, 0, 500, 1, 0, number);
        return Message.newBuilder()
                .setMessageId("0ba3820d-e90b-41c7-8f68-07390ea3a366")
                .setTopic("bench/x")
                .setPayload(ByteString.copyFrom(payload))
                .setTimestampMs(1_700_000_000_000L)
                .setSourceNodeId("node")
                .setSequenceNumber(number)
                .putHeaders("k", "v")
                .build();
    }

    @ParameterizedTest
    @EnumSource(Plan.Codec.class)
    void shouldCountWhatTheDaemonDelivers(Plan.Codec codec) {
        Tally tally = new Tally(1);
        tally.begin(1);
        Events events = new Events(codec, tally);
        events.take(
                event(MessageEvent.newBuilder()
                        .setHeartbeat(Heartbeat.newBuilder().setTimestampMs(1))),
                1500);
        events.take(event(MessageEvent.newBuilder().setMessage(message(0))), 1500);
        events.take(
                event(MessageEvent.newBuilder()
                        .setMessageBatch(MessageBatch.newBuilder()
                                .addMessages(message(1))
                                .addMessages(message(2)))),
                1500);
        events.take(
                event(MessageEvent.newBuilder()
                        .setBackpressureWarning(BackpressureWarning.newBuilder()
                                .setMessagesDropped(7)
                                .setMessagesExpired(2))),
                1500);
        assertThat(tally.received()).isEqualTo(3);
        assertThat(tally.outOfOrder()).isZero();
        assertThat(tally.dropped()).isEqualTo(7);
        assertThat(tally.expired()).isEqualTo(2);
        assertThat(tally.settled()).isEqualTo(12);
        assertThat(tally.latencyNs().getMaxValue()).isEqualTo(1000);
    }

    @ParameterizedTest
    @EnumSource(Plan.Codec.class)
    void shouldCountAnswers(Plan.Codec codec) {
        PublishResponse taken = PublishResponse.newBuilder()
                .setSuccess(true)
                .setMessageId("m")
                .setSubscriberCount(1)
                .build();
        PublishResponse refused =
                PublishResponse.newBuilder().setErrorMessage("too large").build();
        Answers single = new Answers(plan(Plan.Mode.STREAM, codec, 16));
        assertThat(single.take(MessageBytes.of(taken.toByteArray()))).isEqualTo(1);
        assertThat(single.take(MessageBytes.of(refused.toByteArray()))).isEqualTo(1);
        assertThat(single.accepted()).isEqualTo(1);
        assertThat(single.rejected()).isEqualTo(1);
        assertThat(single.firstRejection()).isEqualTo("too large");
        Answers batch = new Answers(plan(Plan.Mode.BATCH, codec, 16));
        assertThat(batch.take(MessageBytes.of(PublishBatchResponse.newBuilder()
                        .addResponses(taken)
                        .addResponses(refused)
                        .addResponses(taken)
                        .build()
                        .toByteArray())))
                .isEqualTo(3);
        assertThat(batch.accepted()).isEqualTo(2);
        assertThat(batch.rejected()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "127f00", "0a8080808080808080808080", "0f"})
    void shouldRefuseBytesThatAreNoEvent(String hex) {
        Events events = new Events(Plan.Codec.RAW, new Tally(1));
        MessageBytes bytes = MessageBytes.of(java.util.HexFormat.of().parseHex(hex));
        assertThatThrownBy(() -> events.take(bytes, 0)).isInstanceOf(GrpcFailure.class);
    }

    private static MessageBytes event(MessageEvent.Builder event) {
        return MessageBytes.of(event.build().toByteArray());
    }
}
