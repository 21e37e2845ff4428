package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.grpc.common.GrpcStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class GzipMessageTest {
    private static final int LIMIT = 5 * 1024 * 1024;

    @Test
    void shouldGiveBackEveryLengthUpToTheLimit() {
        Random random = new Random(7);
        for (int length : new int[] {0, 1, 511, 512, 513, 100_000, LIMIT - 1, LIMIT}) {
            byte[] message = new byte[length];
            random.nextBytes(message);
            assertThat(inflated(gzip(message), LIMIT)).isEqualTo(message);
            assertThat(inflated(gzip(new byte[length]), LIMIT)).isEqualTo(new byte[length]);
        }
    }

    @Test
    void shouldRefuseWhatIsLongerThanTheLimit() {
        for (int length : new int[] {LIMIT + 1, 20 * LIMIT}) {
            assertThatThrownBy(() -> inflated(gzip(new byte[length]), LIMIT))
                    .isInstanceOfSatisfying(
                            GrpcFailure.class, e -> assertThat(e.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED))
                    .hasMessageContaining(String.valueOf(LIMIT));
        }
    }

    @Test
    void shouldRefuseWhatIsDamaged() {
        byte[] message = "hello hello hello hello".repeat(100).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] good = gzip(message);
        List<byte[]> damaged = new ArrayList<>(List.of(new byte[0], message, Arrays.copyOf(good, good.length / 2)));
        byte[] wrongSum = good.clone();
        wrongSum[good.length - 6] ^= 1;
        damaged.add(wrongSum);
        byte[] wrongBody = good.clone();
        wrongBody[20] ^= 0x55;
        damaged.add(wrongBody);
        for (byte[] bytes : damaged) {
            assertThatThrownBy(() -> inflated(bytes, LIMIT))
                    .isInstanceOfSatisfying(
                            GrpcFailure.class, e -> assertThat(e.status()).isEqualTo(GrpcStatus.INTERNAL));
        }
    }

    @Test
    void shouldInflateNoMoreAtATimeThanIsTaken() {
        byte[] one = gzip(new byte[4 * 1024 * 1024]);
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        int count = 30;
        for (int i = 0; i < count; i++) {
            frames.write(1);
            frames.writeBytes(new byte[] {0, (byte) (one.length >> 16), (byte) (one.length >> 8), (byte) one.length});
            frames.writeBytes(one);
        }
        byte[] chunk = frames.toByteArray();
        GrpcFrameReader reader = new GrpcFrameReader(() -> LIMIT, true);
        int messages = reader.read(chunk, 0, chunk.length).size();
        assertThat(messages).isEqualTo(1);
        while (reader.hasRest()) {
            assertThat(reader.readRest()).hasSize(1);
            messages++;
        }
        assertThat(messages).isEqualTo(count);
    }

    private static byte[] inflated(byte[] bytes, int limit) {
        MessageBytes message = GzipMessage.inflate(bytes, 0, bytes.length, limit);
        return Arrays.copyOfRange(message.array(), message.from(), message.to());
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
