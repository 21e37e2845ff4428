package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameBytesTest {
    private static final int LONG = 5_000;

    private final Random random = new Random(7);

    @Test
    void shouldPutWhateverMessagesTogetherInTheirOrder() {
        for (int round = 0; round < 200; round++) {
            List<EncodedEnvelope> messages = new ArrayList<>();
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            int referred = 0;
            for (int i = random.nextInt(6); i > 0; i--) {
                EncodedEnvelope message = message(random.nextInt(2 * LONG) * random.nextInt(2), random.nextInt(3));
                messages.add(message);
                referred += FrameBytes.referredBytes(message);
                byte[] delimiter = new byte[1 + FieldWriter.varintBytes(message.size())];
                FieldWriter.delimiter(delimiter, 0, 3, message.size());
                expected.writeBytes(delimiter);
                expected.writeBytes(message.toByteArray());
            }
            FrameBytes frame = new FrameBytes(expected.size(), referred);
            messages.forEach(message -> {
                frame.delimiter(3, message.size());
                frame.message(message);
            });
            assertThat(frame.toBuffer().getBytes()).isEqualTo(expected.toByteArray());
        }
    }

    @Test
    void shouldFrameANumberAndBytes() {
        FrameBytes frame = new FrameBytes(GrpcFrames.PREFIX_BYTES + 2 + 2, 0);
        frame.prefix(4);
        frame.number(2, 9);
        frame.bytes(new byte[] {7, 8});
        assertThat(frame.toBuffer().getBytes()).containsExactly(0, 0, 0, 0, 4, 2 << 3, 9, 7, 8);
    }

    @Test
    void shouldNotCopyALongMessage() {
        byte[] head = new byte[LONG];
        EncodedEnvelope message = new EncodedEnvelope(UnsafeByteOperations.unsafeWrap(head), new byte[] {1});
        FrameBytes frame = new FrameBytes(message.size(), FrameBytes.referredBytes(message));
        frame.message(message);
        Buffer whole = frame.toBuffer();
        head[0] = 42;
        assertThat(whole.length()).isEqualTo(LONG + 1);
        assertThat(whole.getByte(0)).isEqualTo((byte) 42);
    }

    @Test
    void shouldGiveTheSameBytesToEachWriteOfIt() {
        EncodedEnvelope message = message(LONG, 1);
        FrameBytes frame = new FrameBytes(message.size(), FrameBytes.referredBytes(message));
        frame.message(message);
        BufferInternal whole = (BufferInternal) frame.toBuffer();
        ByteBuf first = whole.getByteBuf();
        first.skipBytes(LONG);
        first.release();
        assertThat(whole.getByteBuf().readableBytes()).isEqualTo(LONG + 1);
        assertThat(whole.getBytes()).hasSize(LONG + 1);
    }

    private EncodedEnvelope message(int headBytes, int tailBytes) {
        byte[] head = new byte[headBytes];
        byte[] tail = new byte[tailBytes];
        random.nextBytes(head);
        random.nextBytes(tail);
        // A head is one array, or several when it was put together.
        int half = random.nextInt(2) * headBytes / 2;
        ByteString whole = UnsafeByteOperations.unsafeWrap(head, 0, half)
                .concat(UnsafeByteOperations.unsafeWrap(head, half, headBytes - half));
        return new EncodedEnvelope(whole, tail);
    }
}
