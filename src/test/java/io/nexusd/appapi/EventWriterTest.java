package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventWriterTest {
    private final List<EncodedMessage> encoded = Stream.of(0, 1, 127, 128, 20_000)
            .map(size -> EncodedMessage.of(EncodedMessageTest.envelope(size), 1, false))
            .toList();
    private final List<Message> messages =
            encoded.stream().map(m -> EncodedMessageTest.parse(m).getMessage()).toList();

    @Test
    void shouldWriteAFrameForEachMessage() throws InvalidProtocolBufferException {
        assertThat(events(EventWriter.frames(encoded).getBytes()))
                .extracting(MessageEvent::getMessage)
                .isEqualTo(messages);
    }

    @Test
    void shouldWriteAllMessagesAsOneBatch() throws InvalidProtocolBufferException {
        List<MessageEvent> events = events(EventWriter.batch(encoded).getBytes());

        assertThat(events).hasSize(1);
        assertThat(events.get(0).getMessageBatch().getMessagesList()).isEqualTo(messages);
    }

    @Test
    void shouldWriteABatchOfOne() throws InvalidProtocolBufferException {
        List<MessageEvent> events =
                events(EventWriter.batch(encoded.subList(0, 1)).getBytes());

        assertThat(events.get(0).getMessageBatch().getMessagesList()).isEqualTo(messages.subList(0, 1));
    }

    @Test
    void shouldShareTheBytesOfATurnBetweenSubscribersThatGetTheSame() {
        EventWriter writer = new EventWriter();
        writer.beginTurn();
        Buffer first = writer.write(new ArrayList<>(encoded), true);
        assertThat(writer.write(new ArrayList<>(encoded), true)).isSameAs(first);
        assertThat(writer.write(encoded, false)).isEqualTo(EventWriter.frames(encoded));
        assertThat(writer.write(encoded.subList(1, 5), true)).isEqualTo(EventWriter.batch(encoded.subList(1, 5)));
        List<EncodedMessage> equalOnes = encoded.stream()
                .map(message -> message.pickedWith(message.handed()))
                .toList();
        assertThat(writer.write(equalOnes, true)).isNotSameAs(first).isEqualTo(first);
        writer.endTurn();
        assertThat(writer.write(encoded, true)).isNotSameAs(first).isEqualTo(first);
        assertThat(writer.write(encoded, true)).isNotSameAs(first);
    }

    private static List<MessageEvent> events(byte[] bytes) throws InvalidProtocolBufferException {
        List<MessageEvent> events = new ArrayList<>();
        ByteBuffer frames = ByteBuffer.wrap(bytes);
        while (frames.hasRemaining()) {
            assertThat(frames.get()).isZero();
            int length = frames.getInt();
            events.add(MessageEvent.parseFrom(frames.slice(frames.position(), length)));
            frames.position(frames.position() + length);
        }
        return events;
    }
}
