package io.nexusd.appapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.model.Envelope;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.wire.EncodedEnvelope;
import io.nexusd.wire.Envelopes;
import io.nexusd.wire.Texts.Text;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From the bytes of a publish to the bytes of the message for its subscribers, by hand and with the generated classes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MessageCodecBenchmark {
    private static final String NODE = "0190b5a2-7d1c-7abc-8def-0123456789ab";

    @Param({"16", "256", "4096"})
    public int payloadBytes;

    private final MessageIds ids = new MessageIds(new AtomicLong(), 1);
    private final PublishFields fields = new PublishFields();
    private final Text source = Text.of(NODE);
    private byte[] request;
    private long sequence;

    /** Encodes the publish. */
    @Setup
    public void encode() {
        request = PublishRequest.newBuilder()
                .setTopic("plant/site/sensor")
                .setPayload(ByteString.copyFrom(new byte[payloadBytes]))
                .build()
                .toByteArray();
    }

    /** As the daemon does it. */
    @Benchmark
    public byte[] byHand() {
        fields.read(request, 0, request.length);
        Envelope envelope = fields.envelope(ids.next(77), 77, 0, source, fields.headers(), 0);
        EncodedEnvelope encoded = Envelopes.forApplications(envelope, ++sequence);
        byte[] target = new byte[encoded.size()];
        encoded.writeTo(target, 0);
        return target;
    }

    /** As it would be with the generated classes alone. */
    @Benchmark
    public byte[] generated() throws InvalidProtocolBufferException {
        PublishRequest parsed = PublishRequest.parseFrom(request);
        Envelope envelope = new Envelope(
                ids.next(77),
                parsed.getTopic(),
                parsed.getPayload(),
                parsed.getContentType(),
                77,
                NODE,
                parsed.getRetain(),
                parsed.getCorrelationId(),
                0,
                Map.of(),
                Envelope.NEVER);
        return Message.newBuilder()
                .setMessageId(envelope.messageId())
                .setTopic(envelope.topic())
                .setPayload(envelope.payload())
                .setContentType(envelope.contentType())
                .setTimestampMs(envelope.timestampMs())
                .setSourceNodeId(envelope.source())
                .setCorrelationId(envelope.correlationId())
                .setSequenceNumber(++sequence)
                .putAllHeaders(envelope.headers())
                .build()
                .toByteArray();
    }
}
