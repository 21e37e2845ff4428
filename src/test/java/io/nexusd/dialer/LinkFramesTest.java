package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nexusd.model.Envelope;
import io.nexusd.proto.mesh.EnvelopeBatch;
import io.nexusd.proto.mesh.GroupTarget;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.wire.Envelopes;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MonotonicClock;
import io.nexusd.wire.WireModel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LinkFramesTest {
    private static final long NOW_NS = System.nanoTime();
    private static final long MS = 1_000_000;

    @Test
    void shouldWriteABatchAsTheGeneratedClassesWould() throws Exception {
        Outbox outbox = new Outbox(1000, 1_000_000, 300);
        EnvelopeBatch.Builder expected = EnvelopeBatch.newBuilder()
                .setFirstSequence(300)
                .setSentAtMs(77)
                .setSentMonoUs(MonotonicClock.micros(NOW_NS));
        for (int i = 0; i < 200; i++) {
            Envelope envelope = new Envelope(
                    "id" + i,
                    "a/b",
                    ByteString.copyFrom(new byte[i % 20 == 0 ? 2_000 + i : i]),
                    "",
                    i,
                    "n",
                    false,
                    "",
                    0,
                    Map.of("k", "v"),
                    i < 150 ? Envelope.NEVER : NOW_NS + (i % 10 == 0 ? 1 : i * MS + 5));
            outbox.offer(new Outbox.Entry(
                    envelope,
                    Envelopes.forNodes(envelope),
                    i % 3 > 0,
                    i % 3 == 0 ? List.of("$share/g/a/+") : List.of(),
                    2));
            expected.addEnvelopes(WireModel.toProto(envelope));
            // One whose lifetime ends in this moment has a millisecond left, for 0 is without end.
            expected.addRemainingMs(i < 150 ? 0 : i % 10 == 0 ? 1 : i);
            if (i % 3 == 0) {
                expected.addGroupTargets(GroupTarget.newBuilder()
                        .setIndex(i)
                        .addShares("$share/g/a/+")
                        .setOnly(true)
                        .setHops(2));
            }
        }
        byte[] frame = LinkFrames.batch(outbox.nextBatch(NOW_NS), 77, NOW_NS).getBytes();
        ByteString message =
                ByteString.copyFrom(frame, GrpcFrames.PREFIX_BYTES, frame.length - GrpcFrames.PREFIX_BYTES);
        assertThat(LinkFrame.parseFrom(message))
                .isEqualTo(LinkFrame.newBuilder().setBatch(expected).build());
        assertThat(frame[0]).isZero();
        assertThat(ByteString.copyFrom(frame, 1, 4).asReadOnlyByteBuffer().getInt())
                .isEqualTo(message.size());
    }
}
