package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.model.Envelope;
import io.nexusd.model.Topic;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.wire.Envelopes;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.Texts.Text;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is read by hand, held to what the generated class makes of the same bytes. */
class PublishFieldsTest {
    private static final String[] TEXTS = {"", "a", "plant/site/sensor", "ü/😀", "a//b", "#", "x".repeat(300)};

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final PublishFields fields = new PublishFields();

    @Test
    void shouldReadWhatTheGeneratedClassReadsAndRefuseWhatItRefuses() throws InvalidProtocolBufferException {
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] array = request().toByteArray();
            if (random.nextBoolean() && array.length > 0) {
                array[random.nextInt(Math.min(array.length, 60))] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                array = Arrays.copyOf(array, random.nextInt(array.length + 1));
            }
            byte[] mangled = array;
            PublishRequest expected;
            try {
                expected = PublishRequest.parseFrom(mangled);
            } catch (InvalidProtocolBufferException e) {
                refused++;
                assertThatThrownBy(() -> fields.read(mangled, 0, mangled.length))
                        .as("seed %d: %s", seed, Arrays.toString(mangled))
                        .isInstanceOf(GrpcFailure.class);
                continue;
            }
            assertRead(mangled, expected);
        }
        assertThat(refused).isPositive();
    }

    private void assertRead(byte[] bytes, PublishRequest expected) throws InvalidProtocolBufferException {
        byte[] array = new byte[bytes.length + 5];
        System.arraycopy(bytes, 0, array, 3, bytes.length);
        fields.read(array, 3, 3 + bytes.length);
        assertThat(fields.topic()).as("seed %d", seed).isEqualTo(expected.getTopic());
        assertThat(fields.topicProblem()).isEqualTo(Topic.problemWithTopic(expected.getTopic()));
        assertThat(fields.payloadBytes()).isEqualTo(expected.getPayload().size());
        assertThat(fields.retain()).isEqualTo(expected.getRetain());
        assertThat(fields.ttlMs()).isEqualTo(expected.getTtlMs());
        assertThat(fields.headers()).isEqualTo(expected.getHeadersMap());
        Envelope envelope = fields.envelope("id", 77, 0, Text.of("node"), fields.headers(), 5);
        // What was read does not depend on the bytes it was read from.
        Arrays.fill(array, (byte) 0xEE);
        assertThat(envelope.withHead(ByteString.EMPTY))
                .as("seed %d", seed)
                .isEqualTo(new Envelope(
                        "id",
                        expected.getTopic(),
                        expected.getPayload(),
                        expected.getContentType(),
                        77,
                        "node",
                        expected.getRetain(),
                        expected.getCorrelationId(),
                        5,
                        expected.getHeadersMap(),
                        Envelope.expiry(5, 0),
                        0,
                        ByteString.EMPTY));
        assertThat(Message.parseFrom(Envelopes.forApplications(envelope, 3).toByteArray()))
                .as("seed %d", seed)
                .isEqualTo(Message.newBuilder()
                        .setMessageId("id")
                        .setTopic(expected.getTopic())
                        .setPayload(expected.getPayload())
                        .setContentType(expected.getContentType())
                        .setTimestampMs(77)
                        .setSourceNodeId("node")
                        .setCorrelationId(expected.getCorrelationId())
                        .setSequenceNumber(3)
                        .putAllHeaders(expected.getHeadersMap())
                        .build());
    }

    private PublishRequest request() {
        byte[] payload = new byte[random.nextInt(3) * random.nextInt(300)];
        random.nextBytes(payload);
        PublishRequest.Builder request = PublishRequest.newBuilder()
                .setTopic(text())
                .setPayload(ByteString.copyFrom(payload))
                .setContentType(text());
        if (random.nextBoolean()) {
            request.setRetain(random.nextBoolean())
                    .setCorrelationId(text())
                    .setTtlMs(random.nextInt(3) - 1L)
                    .putHeaders(text(), text());
        }
        return request.build();
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }
}
