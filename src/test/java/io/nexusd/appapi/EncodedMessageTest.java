package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.model.Envelope;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedMessageTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 127, 128, 16_383, 16_384, 2_097_152})
    void shouldParseBackWithTheGeneratedClasses(int payloadBytes) throws InvalidProtocolBufferException {
        Envelope envelope = envelope(payloadBytes);
        EncodedMessage encoded = EncodedMessage.of(envelope, 9, true);

        Message expected = Message.newBuilder()
                .setMessageId("id")
                .setTopic("a/ü")
                .setPayload(envelope.payload())
                .setContentType("text/plain")
                .setTimestampMs(123)
                .setSourceNodeId("node")
                .setCorrelationId("c")
                .setSequenceNumber(9)
                .putHeaders("k", "v")
                .build();
        assertThat(parse(encoded))
                .isEqualTo(MessageEvent.newBuilder().setMessage(expected).build());
        assertThat(Message.parseFrom(encoded.body().toByteArray())).isEqualTo(expected);
        assertThat(ByteBuffer.wrap(EncodedMessage.frame(envelope, 9, MessageEvent.MESSAGE_FIELD_NUMBER)
                        .getBytes()))
                .isEqualTo(ByteBuffer.wrap(frame(encoded)));
        assertThat(encoded.fromPeer()).isTrue();
    }

    @Test
    void shouldEncodeAMessageWithNothingInIt() {
        Envelope nothing = new Envelope("", "", ByteString.EMPTY, "", 0, "", false, "", 0, Map.of(), Envelope.NEVER);

        assertThat(parse(EncodedMessage.of(nothing, 0, false)))
                .isEqualTo(MessageEvent.newBuilder()
                        .setMessage(Message.getDefaultInstance())
                        .build());
    }

    static Envelope envelope(int payloadBytes) {
        byte[] payload = new byte[payloadBytes];
        new Random(payloadBytes).nextBytes(payload);
        return new Envelope(
                "id",
                "a/ü",
                ByteString.copyFrom(payload),
                "text/plain",
                123,
                "node",
                false,
                "c",
                0,
                Map.of("k", "v"),
                Envelope.NEVER);
    }

    private static byte[] frame(EncodedMessage encoded) {
        byte[] frame = EventWriter.frames(List.of(encoded)).getBytes();
        assertThat(frame).hasSize(encoded.frameBytes());
        return frame;
    }

    /** Reads the one frame back. */
    static MessageEvent parse(EncodedMessage encoded) {
        ByteBuffer frame = ByteBuffer.wrap(frame(encoded));
        assertThat(frame.get()).isZero();
        assertThat(frame.getInt()).isEqualTo(frame.remaining());
        try {
            return MessageEvent.parseFrom(frame);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
