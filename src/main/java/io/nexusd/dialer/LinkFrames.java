package io.nexusd.dialer;

import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.model.Envelope;
import io.nexusd.proto.mesh.EnvelopeBatch;
import io.nexusd.proto.mesh.GroupTarget;
import io.nexusd.proto.mesh.LinkBeat;
import io.nexusd.proto.mesh.LinkFrame;
import io.nexusd.proto.mesh.MembersRequest;
import io.nexusd.wire.FieldWriter;
import io.nexusd.wire.FrameBytes;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MemberMessages;
import io.nexusd.wire.MonotonicClock;
import io.vertx.core.buffer.Buffer;

/** The frames that the dialing end of a link writes. */
final class LinkFrames {
    private static final byte[] NOTHING = new byte[0];

    private LinkFrames() {}

    static Buffer hello(OwnBeat own) {
        return frame(LinkFrame.newBuilder().setHello(MemberMessages.hello(own)));
    }

    static Buffer beat(LinkBeat beat) {
        return frame(LinkFrame.newBuilder().setBeat(beat));
    }

    static Buffer membersRequest() {
        return frame(LinkFrame.newBuilder().setMembersRequest(MembersRequest.getDefaultInstance()));
    }

    /**
     * Writes the batch around envelopes that are encoded already; equal to building the LinkFrame, without building every
     * envelope once for each peer.
     *
     * @param nowMs wall clock
     * @param nowNs monotonic clock
     */
    static Buffer batch(Outbox.Batch batch, long nowMs, long nowNs) {
        byte[] targets = groupTargets(batch);
        byte[] lifetimes = lifetimes(batch, nowNs);
        long sentMonoUs = MonotonicClock.micros(nowNs);
        int batchBytes = 1
                + FieldWriter.varintBytes(batch.firstSequence())
                + 1
                + FieldWriter.varintBytes(nowMs)
                + 1
                + FieldWriter.varintBytes(sentMonoUs)
                + lifetimes.length
                + targets.length;
        int referred = 0;
        for (Outbox.Entry entry : batch.entries()) {
            batchBytes += FieldWriter.delimitedBytes(entry.encoded.size());
            referred += FrameBytes.referredBytes(entry.encoded);
        }
        int frameBytes = FieldWriter.delimitedBytes(batchBytes);
        FrameBytes frame = new FrameBytes(GrpcFrames.PREFIX_BYTES + frameBytes, referred);
        frame.prefix(frameBytes);
        frame.delimiter(LinkFrame.BATCH_FIELD_NUMBER, batchBytes);
        frame.number(EnvelopeBatch.FIRST_SEQUENCE_FIELD_NUMBER, batch.firstSequence());
        for (Outbox.Entry entry : batch.entries()) {
            frame.delimiter(EnvelopeBatch.ENVELOPES_FIELD_NUMBER, entry.encoded.size());
            frame.message(entry.encoded);
        }
        frame.number(EnvelopeBatch.SENT_AT_MS_FIELD_NUMBER, nowMs);
        frame.number(EnvelopeBatch.SENT_MONO_US_FIELD_NUMBER, sentMonoUs);
        frame.bytes(lifetimes);
        frame.bytes(targets);
        return frame.toBuffer();
    }

    /** Returns the field with the rest of each message's lifetime, encoded; nothing when none has one. */
    private static byte[] lifetimes(Outbox.Batch batch, long nowNs) {
        EnvelopeBatch.Builder remaining = null;
        for (int i = 0; i < batch.entries().size(); i++) {
            long expiresNs = batch.entries().get(i).envelope.expiresNs();
            if (expiresNs == Envelope.NEVER) {
                if (remaining != null) {
                    remaining.addRemainingMs(0);
                }
                continue;
            }
            if (remaining == null) {
                remaining = EnvelopeBatch.newBuilder();
                for (int before = 0; before < i; before++) {
                    remaining.addRemainingMs(0);
                }
            }
            // A lifetime that ends in this moment has a millisecond left, for 0 is without end.
            remaining.addRemainingMs(Math.max(1, (expiresNs - nowNs) / 1_000_000));
        }
        return remaining == null ? NOTHING : remaining.build().toByteArray();
    }

    /** Returns the field that says which of the messages are for members of groups, encoded; nothing when none is. */
    private static byte[] groupTargets(Outbox.Batch batch) {
        EnvelopeBatch.Builder targets = null;
        for (int i = 0; i < batch.entries().size(); i++) {
            Outbox.Entry entry = batch.entries().get(i);
            if (!entry.shares.isEmpty()) {
                targets = targets == null ? EnvelopeBatch.newBuilder() : targets;
                targets.addGroupTargets(GroupTarget.newBuilder()
                        .setIndex(i)
                        .addAllShares(entry.shares)
                        .setOnly(!entry.plain)
                        .setHops(entry.hops));
            }
        }
        return targets == null ? NOTHING : targets.build().toByteArray();
    }

    private static Buffer frame(LinkFrame.Builder frame) {
        return GrpcFrames.frame(frame.build());
    }
}
