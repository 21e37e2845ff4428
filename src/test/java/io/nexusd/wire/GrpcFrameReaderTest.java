package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrpcFrameReaderTest {
    @Test
    void shouldCutAnyChunkingIntoTheSameMessages() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<ByteString> sent = new ArrayList<>();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < 200; i++) {
            byte[] body = new byte[i % 7 == 0 ? 0 : random.nextInt(i % 50 == 1 ? 60_000 : 300)];
            random.nextBytes(body);
            sent.add(ByteString.copyFrom(body));
            byte[] prefix = new byte[GrpcFrames.PREFIX_BYTES];
            GrpcFrames.writePrefix(prefix, 0, body.length);
            stream.writeBytes(prefix);
            stream.writeBytes(body);
        }
        byte[] all = stream.toByteArray();
        GrpcFrameReader reader = new GrpcFrameReader(100_000);
        List<ByteString> received = new ArrayList<>();
        for (int at = 0; at < all.length; ) {
            int length = Math.min(all.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 20_000));
            byte[] chunk = Arrays.copyOfRange(all, at, at + length);
            for (MessageBytes message : reader.read(chunk, 0, length)) {
                received.add(ByteString.copyFrom(message.array(), message.from(), message.size()));
            }
            at += length;
        }
        assertThat(received).as("seed %d", seed).isEqualTo(sent);
        assertThat(reader.midMessage()).isFalse();
    }

    @Test
    void shouldRefuseWhatIsTooLongByItsPrefixAlone() {
        GrpcFrameReader reader = new GrpcFrameReader(10);

        assertThatThrownBy(() ->
                        reader.read(Buffer.buffer(new byte[] {0, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF})))
                .isInstanceOfSatisfying(
                        GrpcFailure.class, e -> assertThat(e.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED))
                .hasMessageContaining("4294967295")
                .hasMessageContaining("at most 10");
    }

    @Test
    void shouldRefuseCompressedMessagesOfACallThatDoesNotDeclareThem() {
        assertThatThrownBy(() -> new GrpcFrameReader(10).read(Buffer.buffer(new byte[] {1, 0, 0, 0, 1, 7})))
                .isInstanceOfSatisfying(
                        GrpcFailure.class, e -> assertThat(e.status()).isEqualTo(GrpcStatus.INTERNAL));
    }

    @Test
    void shouldKeepStatusTextsReadable() {
        String text = "100% of 'ü' \n 😀";
        String encoded = GrpcFrames.encodeText(text);
        assertThat(encoded).matches("[\\x20-\\x7e]*").contains("100%25 of");
        assertThat(GrpcFrames.decodeText(encoded)).isEqualTo(text);
        assertThat(GrpcFrames.decodeText("50%")).isEqualTo("50%");
        assertThat(GrpcFrames.decodeText("a%2")).isEqualTo("a%2");
    }
}
