package io.nexusd.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.wire.GrpcFrames;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/** Makes the frames that one publisher writes. All its requests have the same topic and size, so a template serves them all. */
final class Requests {
    /** When a message is due, and its number. */
    interface Stamps {
        void write(byte[] target, int offset, int index);
    }

    private static final int LENGTH_DELIMITED = 2;

    private final Plan plan;
    private final byte[] request;
    private final int payloadOffset;

    Requests(Plan plan) {
        this.plan = plan;
        byte[] payload = new byte[plan.payloadBytes()];
        Arrays.fill(payload, (byte) 'n');
        // The payload is the last field, so its place in the bytes is known.
        PublishRequest template = PublishRequest.newBuilder()
                .setTopic(plan.topic())
                .setPayload(UnsafeByteOperations.unsafeWrap(payload))
                .build();
        request = template.toByteArray();
        payloadOffset = request.length - payload.length;
    }

    /** Returns the frame or frames for so many messages: one frame with all in mode batch, else a frame for each. */
    Buffer frames(int count, Stamps stamps) {
        if (plan.codec() == Plan.Codec.PROTOBUF) {
            return generated(count, stamps);
        }
        return plan.mode() == Plan.Mode.BATCH ? batch(count, stamps) : single(count, stamps);
    }

    private Buffer single(int count, Stamps stamps) {
        int frameBytes = GrpcFrames.PREFIX_BYTES + request.length;
        byte[] frames = new byte[count * frameBytes];
        for (int i = 0; i < count; i++) {
            int at = i * frameBytes;
            GrpcFrames.writePrefix(frames, at, request.length);
            System.arraycopy(request, 0, frames, at + GrpcFrames.PREFIX_BYTES, request.length);
            stamps.write(frames, at + GrpcFrames.PREFIX_BYTES + payloadOffset, i);
        }
        return GrpcFrames.wrap(frames);
    }

    private Buffer batch(int count, Stamps stamps) {
        int header = 1 + varintBytes(request.length);
        int size = count * (header + request.length);
        byte[] frame = new byte[GrpcFrames.PREFIX_BYTES + size];
        GrpcFrames.writePrefix(frame, 0, size);
        int at = GrpcFrames.PREFIX_BYTES;
        for (int i = 0; i < count; i++) {
            frame[at++] = (byte) (PublishBatch.REQUESTS_FIELD_NUMBER << 3 | LENGTH_DELIMITED);
            at = writeVarint(frame, at, request.length);
            System.arraycopy(request, 0, frame, at, request.length);
            stamps.write(frame, at + payloadOffset, i);
            at += request.length;
        }
        return GrpcFrames.wrap(frame);
    }

    private Buffer generated(int count, Stamps stamps) {
        if (plan.mode() == Plan.Mode.BATCH) {
            PublishBatch.Builder batch = PublishBatch.newBuilder();
            for (int i = 0; i < count; i++) {
                batch.addRequests(generatedRequest(i, stamps));
            }
            return GrpcFrames.frame(batch.build());
        }
        Buffer frames = Buffer.buffer();
        for (int i = 0; i < count; i++) {
            frames.appendBuffer(GrpcFrames.frame(generatedRequest(i, stamps)));
        }
        return frames;
    }

    private PublishRequest generatedRequest(int index, Stamps stamps) {
        byte[] payload = new byte[plan.payloadBytes()];
        stamps.write(payload, 0, index);
        ByteString wrapped = UnsafeByteOperations.unsafeWrap(payload);
        return PublishRequest.newBuilder()
                .setTopic(plan.topic())
                .setPayload(wrapped)
                .build();
    }

    private static int varintBytes(int value) {
        int bytes = 1;
        for (int left = value >>> 7; left != 0; left >>>= 7) {
            bytes++;
        }
        return bytes;
    }

    private static int writeVarint(byte[] target, int offset, int value) {
        int at = offset;
        int left = value;
        while ((left & ~0x7F) != 0) {
            target[at++] = (byte) (left & 0x7F | 0x80);
            left >>>= 7;
        }
        target[at++] = (byte) left;
        return at;
    }
}
