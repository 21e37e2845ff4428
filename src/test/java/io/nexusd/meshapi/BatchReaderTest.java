package io.nexusd.meshapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.nexusd.bus.Routing.Incoming;
import io.nexusd.model.Envelope;
import io.nexusd.proto.mesh.EnvelopeBatch;
import io.nexusd.proto.mesh.GroupTarget;
import io.nexusd.proto.mesh.LinkAck;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.TransitTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchReaderTest {
    private static final long MS = 1_000_000;

    private final TransitTime transit = new TransitTime();
    private final BatchReader reader = new BatchReader(transit);

    private static LinkFrame.Builder frame(int messages) {
        EnvelopeBatch.Builder batch =
                EnvelopeBatch.newBuilder().setFirstSequence(7).setSentAtMs(1_050);
        for (int i = 0; i < messages; i++) {
            batch.addEnvelopes(MessageEnvelope.newBuilder()
                    .setMessageId("m" + i)
                    .setTopic("t/" + i % 3)
                    .setTimestampMs(1_000)
                    .setTtlMs(80));
        }
        return LinkFrame.newBuilder().setBatch(batch);
    }

    private static MessageBytes bytes(LinkFrame.Builder frame) {
        return MessageBytes.of(frame.build().toByteArray());
    }

    private static List<String> ids(List<Incoming> messages) {
        return messages.stream().map(message -> message.envelope().messageId()).toList();
    }

    @Test
    void shouldReadABatchOfAnySize() {
        for (int count : new int[] {0, 1, 64, 65, 1000, 2}) {
            assertThat(reader.read(bytes(frame(count)))).isTrue();
            assertThat(reader.count()).isEqualTo(count);
            assertThat(reader.firstSequence()).isEqualTo(7);
            assertThat(ids(reader.messages(0, 0)))
                    .hasSize(count)
                    .startsWith(count == 0 ? new String[0] : new String[] {"m0"});
        }
    }

    @Test
    void shouldLeaveOutWhatWasTakenBefore() {
        reader.read(bytes(frame(5)));
        assertThat(ids(reader.messages(3, 0))).containsExactly("m3", "m4");
    }

    @Test
    void shouldLetTheTimeAMessageWaitedAtItsSenderCount() {
        reader.read(bytes(frame(1)));
        // It was sent 50 ms after its publish; the clocks of the nodes were never compared.
        assertThat(reader.messages(0, 100 * MS).get(0).envelope().expiresNs()).isEqualTo(130 * MS);
    }

    /** The clock of the sender's host was set between the publish and the sending; its monotonic clock was not. */
    @ParameterizedTest
    @ValueSource(longs = {10_000, -10_000, 0})
    void shouldBelieveTheRestOfTheLifetimeThatTheBatchStates(long stepMs) {
        LinkFrame.Builder frame = frame(3);
        frame.getBatchBuilder()
                .setSentAtMs(1_050 + stepMs)
                .setSentMonoUs(5)
                .addAllRemainingMs(List.of(70L, 0L, 1L))
                .getEnvelopesBuilder(1)
                .clearTtlMs();
        assertThat(reader.read(bytes(frame))).isTrue();
        assertThat(reader.messages(0, 100 * MS))
                .extracting(message -> message.envelope().expiresNs())
                .containsExactly(170 * MS, Envelope.NEVER, 101 * MS);
    }

    @Test
    void shouldCountTheTimeOnTheLinkByTheMonotonicClockOfTheSender() {
        transit.measure(2 * MS, 49 * MS, 100 * MS);
        transit.ofFrame(49 * MS, 100 * MS);
        LinkFrame.Builder frame = frame(1);
        frame.getBatchBuilder().setSentAtMs(77_000_000).setSentMonoUs(60_000).addRemainingMs(70);
        reader.read(bytes(frame));
        // At 110 ms here its clock showed 60 ms; it is 130 ms now.
        Envelope envelope = reader.messages(0, 130 * MS).get(0).envelope();
        assertThat(envelope.expiresNs()).isEqualTo(180 * MS);
        assertThat(envelope.ageNs(130 * MS)).isEqualTo(30 * MS);
    }

    @Test
    void shouldKnowMessagesForMembersOfGroups() {
        LinkFrame.Builder frame = frame(2);
        frame.getBatchBuilder()
                .addGroupTargets(GroupTarget.newBuilder()
                        .setIndex(1)
                        .setOnly(true)
                        .setHops(2)
                        .addShares("$share/g/t/#")
                        .addShares("no share"));
        reader.read(bytes(frame));
        List<Incoming> messages = reader.messages(0, 0);
        assertThat(messages.get(0).plain()).isTrue();
        assertThat(messages.get(0).shares()).isEmpty();
        assertThat(messages.get(1).plain()).isFalse();
        assertThat(messages.get(1).shares()).containsExactly("$share/g/t/#");
        assertThat(messages.get(1).hops()).isEqualTo(2);
    }

    @Test
    void shouldIgnoreMessagesOnInvalidTopicsAndCountThem() {
        LinkFrame.Builder frame = frame(3);
        frame.getBatchBuilder().getEnvelopesBuilder(1).setTopic("a//b");
        reader.read(bytes(frame));
        assertThat(ids(reader.messages(0, 0))).containsExactly("m0", "m2");
        assertThat(reader.ignored()).isEqualTo(1);
    }

    @Test
    void shouldLeaveOtherFramesAlone() {
        assertThat(reader.read(
                        bytes(LinkFrame.newBuilder().setAck(LinkAck.newBuilder().setThroughSequence(3)))))
                .isFalse();
        assertThat(reader.read(MessageBytes.EMPTY)).isFalse();
        assertThat(reader.read(MessageBytes.of(new byte[] {0x12, 0x05, 1}))).isFalse();
    }

    @Test
    void shouldReadABatchOfALaterVersionThroughTheGeneratedClass() {
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder()
                                .addGroup(UnknownFieldSet.getDefaultInstance())
                                .build())
                .build();
        LinkFrame.Builder frame = frame(3).setUnknownFields(later);
        frame.getBatchBuilder().setUnknownFields(later);
        MessageBytes bytes = bytes(frame);
        assertThat(reader.read(bytes)).isFalse();
        reader.readUnusual(bytes);
        assertThat(ids(reader.messages(0, 0))).containsExactly("m0", "m1", "m2");
    }

    @Test
    void shouldRefuseABatchWithAMalformedMessageAsAWhole() {
        byte[] array = frame(1).build().toByteArray();
        ByteString text = ByteString.copyFromUtf8("t/0");
        int at = ByteString.copyFrom(array).toStringUtf8().indexOf(text.toStringUtf8());
        array[at] = (byte) 0x80;
        reader.read(MessageBytes.of(array));
        assertThatThrownBy(() -> reader.messages(0, 0)).isInstanceOf(GrpcFailure.class);
    }
}
