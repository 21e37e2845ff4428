package io.nexusd.appapi;

import io.nexusd.bus.Routing.Handed;
import io.nexusd.bus.Spans;
import io.nexusd.model.Envelope;
import io.nexusd.wire.EncodedEnvelope;
import io.nexusd.wire.Envelopes;
import io.nexusd.wire.FieldWriter;
import io.nexusd.wire.FrameBytes;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;

/**
 * A message as it is written to subscriber streams, encoded once and shared by all of them.
 *
 * @param envelope what it says
 * @param body it as a Message
 * @param sequence its number on its topic on this node, 0 for none
 * @param fromPeer whether another node took the publish
 * @param handed what to hand over when its subscription cannot get it; null unless it was picked from a group for it
 * @param span ends when the message is written to its subscription; null unless it is traced
 */
record EncodedMessage(
        Envelope envelope, EncodedEnvelope body, long sequence, boolean fromPeer, Handed handed, Spans.Span span) {

    /** Encodes a live message. */
    static EncodedMessage of(Envelope envelope, long sequence, boolean fromPeer) {
        return new EncodedMessage(
                envelope, Envelopes.forApplications(envelope, sequence), sequence, fromPeer, null, null);
    }

    /** Returns the frame of a MessageEvent whose field of this number is the message. */
    static Buffer frame(Envelope envelope, long sequence, int eventField) {
        EncodedEnvelope body = Envelopes.forApplications(envelope, sequence);
        FrameBytes frame = new FrameBytes(frameBytes(body), FrameBytes.referredBytes(body));
        writeFrame(frame, body, eventField);
        return frame.toBuffer();
    }

    /** Writes the frame of a MessageEvent whose field of this number is the message. */
    static void writeFrame(FrameBytes frames, EncodedEnvelope body, int eventField) {
        frames.prefix(FieldWriter.delimitedBytes(body.size()));
        frames.delimiter(eventField, body.size());
        frames.message(body);
    }

    /** Returns how many bytes it takes in a frame of its own. */
    int frameBytes() {
        return frameBytes(body);
    }

    private static int frameBytes(EncodedEnvelope body) {
        return GrpcFrames.PREFIX_BYTES + FieldWriter.delimitedBytes(body.size());
    }

    /** Returns this message as one that was picked for a subscription, with what is handed over if it cannot get it. */
    EncodedMessage pickedWith(Handed other) {
        return new EncodedMessage(envelope, body, sequence, fromPeer, other, span);
    }

    /** Returns this message as one that is written to one subscription under a span. */
    EncodedMessage tracedBy(Spans.Span newSpan) {
        return new EncodedMessage(envelope, body, sequence, fromPeer, handed, newSpan);
    }

    String messageId() {
        return envelope.messageId();
    }

    String topic() {
        return envelope.topic();
    }
}
