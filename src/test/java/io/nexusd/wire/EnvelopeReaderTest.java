package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.nexusd.model.Envelope;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.sidecar.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is read and written by hand, held to what the generated classes make of the same bytes. */
class EnvelopeReaderTest {
    private static final long NOW_NS = 1_000;
    private static final String[] TEXTS = {"", "a", "plant/site/sensor", "ü/😀", "\uFFFD", "x".repeat(300)};

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final EnvelopeReader reader = new EnvelopeReader();

    @Test
    void shouldReadWhatTheGeneratedClassReads() {
        for (int i = 0; i < 5_000; i++) {
            MessageEnvelope message = message();
            assertRead(message.toByteArray(), message);
        }
    }

    @Test
    void shouldReadFieldsInAnyOrderAndTheLastOfSeveral() throws IOException {
        for (int i = 0; i < 2_000; i++) {
            // Parsers merge what follows each other.
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int part = random.nextInt(4); part >= 0; part--) {
                message().writeTo(bytes);
            }
            byte[] array = bytes.toByteArray();
            assertRead(array, MessageEnvelope.parseFrom(array));
        }
    }

    @Test
    void shouldPassByFieldsOfLaterVersions() throws IOException {
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(
                        77,
                        UnknownFieldSet.Field.newBuilder()
                                .addVarint(3)
                                .addFixed32(4)
                                .addFixed64(5)
                                .addLengthDelimited(ByteString.copyFromUtf8("later"))
                                .addGroup(UnknownFieldSet.getDefaultInstance())
                                .build())
                .build();
        for (int i = 0; i < 200; i++) {
            MessageEnvelope message = message();
            byte[] array = message.toBuilder().setUnknownFields(later).build().toByteArray();
            assertRead(array, message);
        }
    }

    @Test
    void shouldRefuseWhatTheGeneratedClassRefusesAndNothingElse() {
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] array = message().toByteArray();
            for (int change = random.nextInt(3); change >= 0 && array.length > 0; change--) {
                array[random.nextInt(Math.min(array.length, 60))] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                array = Arrays.copyOf(array, random.nextInt(array.length + 1));
            }
            byte[] mangled = array;
            MessageEnvelope expected;
            try {
                expected = MessageEnvelope.parseFrom(mangled);
            } catch (InvalidProtocolBufferException e) {
                refused++;
                assertThatThrownBy(() -> reader.read(mangled, 0, mangled.length))
                        .as("seed %d: %s", seed, Arrays.toString(mangled))
                        .isInstanceOf(GrpcFailure.class);
                continue;
            }
            assertRead(mangled, expected);
        }
        assertThat(refused).isPositive();
    }

    @Test
    void shouldRefuseTextThatIsNotUtf8() throws IOException {
        byte[] array = new byte[4];
        CodedOutputStream out = CodedOutputStream.newInstance(array);
        out.writeByteArray(MessageEnvelope.TOPIC_FIELD_NUMBER, new byte[] {'a', (byte) 0x80});
        assertThatThrownBy(() -> reader.read(array, 0, array.length)).isInstanceOf(GrpcFailure.class);
    }

    private void assertRead(byte[] message, MessageEnvelope expected) {
        byte[] array = new byte[message.length + 5];
        System.arraycopy(message, 0, array, 3, message.length);
        reader.read(array, 3, 3 + message.length);
        assertThat(reader.topic()).isEqualTo(expected.getTopic());
        assertThat(reader.timestampMs()).isEqualTo(expected.getTimestampMs());
        assertThat(reader.ttlMs()).isEqualTo(expected.getTtlMs());
        Envelope envelope = reader.envelope(NOW_NS);
        // What was read does not depend on the bytes it was read from.
        Arrays.fill(array, (byte) 0xEE);
        Envelope other = WireModel.fromProto(expected, NOW_NS);
        assertThat(envelope.withHead(ByteString.EMPTY)).as("seed %d", seed).isEqualTo(other);
        assertEncodings(envelope, other);
    }

    /** The encodings say what the generated classes would have said. */
    private void assertEncodings(Envelope envelope, Envelope other) {
        try {
            assertThat(MessageEnvelope.parseFrom(Envelopes.forNodes(envelope).toByteArray()))
                    .as("seed %d", seed)
                    .isEqualTo(WireModel.toProto(other));
            assertThat(Message.parseFrom(
                            Envelopes.forApplications(envelope, 300).toByteArray()))
                    .as("seed %d", seed)
                    .isEqualTo(Message.newBuilder()
                            .setMessageId(other.messageId())
                            .setTopic(other.topic())
                            .setPayload(other.payload())
                            .setContentType(other.contentType())
                            .setTimestampMs(other.timestampMs())
                            .setSourceNodeId(other.source())
                            .setCorrelationId(other.correlationId())
                            .setSequenceNumber(300)
                            .putAllHeaders(other.headers())
                            .build());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private MessageEnvelope message() {
        byte[] payload = new byte[random.nextInt(3) * random.nextInt(300)];
        random.nextBytes(payload);
        MessageEnvelope.Builder message = MessageEnvelope.newBuilder()
                .setMessageId(text())
                .setTopic(text())
                .setPayload(ByteString.copyFrom(payload))
                .setContentType(text())
                .setTimestampMs(random.nextBoolean() ? random.nextLong() : 0)
                .setSourceNodeId(text());
        if (random.nextBoolean()) {
            message.setRetain(random.nextBoolean())
                    .setCorrelationId(text())
                    .setTtlMs(random.nextInt(3) - 1L)
                    .putHeaders(text(), text())
                    .putHeaders(text(), text());
        }
        return message.build();
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }
}
