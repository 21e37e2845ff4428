package io.nexusd.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Links;
import io.nexusd.bus.Membership.PeerView;
import io.nexusd.bus.Membership.State;
import io.nexusd.bus.Retention.Version;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.discovery.Beacon;
import io.nexusd.proto.mesh.AgedEnvelope;
import io.nexusd.proto.mesh.Member;
import io.nexusd.proto.mesh.MemberView;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.mesh.RetainedVersion;
import java.util.OptionalLong;

/** Generated messages to model values and back. Reading throws IllegalArgumentException on what no valid node sends. */
public final class WireModel {
    private WireModel() {}

    /** Returns the envelope as it travels between nodes. */
    public static MessageEnvelope toProto(Envelope envelope) {
        return MessageEnvelope.newBuilder()
                .setMessageId(envelope.messageId())
                .setTopic(envelope.topic())
                .setPayload(envelope.payload())
                .setContentType(envelope.contentType())
                .setTimestampMs(envelope.timestampMs())
                .setSourceNodeId(envelope.source())
                .setRetain(envelope.retain())
                .setCorrelationId(envelope.correlationId())
                .setTtlMs(envelope.ttlMs())
                .putAllHeaders(envelope.headers())
                .build();
    }

    /**
     * Returns the envelope a node has sent; its topic is not checked here.
     *
     * @param publishedNs when its lifetime began, on this process's monotonic clock
     */
    public static Envelope fromProto(MessageEnvelope envelope, long publishedNs) {
        return read(envelope, Envelope.expiry(envelope.getTtlMs(), publishedNs), publishedNs);
    }

    /** Returns the envelope with the rest of its lifetime. */
    public static Envelope fromProto(AgedEnvelope aged, long nowNs) {
        return read(aged.getEnvelope(), Envelope.expiry(aged.getRemainingMs(), nowNs), Envelope.UNKNOWN);
    }

    /** Returns the envelope with the rest of its lifetime; one that is over has a millisecond left, for 0 is without end. */
    public static AgedEnvelope aged(Envelope envelope, long nowNs) {
        long remainingMs =
                envelope.expiresNs() == Envelope.NEVER ? 0 : Math.max(1, (envelope.expiresNs() - nowNs) / 1_000_000);
        return AgedEnvelope.newBuilder()
                .setEnvelope(toProto(envelope))
                .setRemainingMs(remainingMs)
                .build();
    }

    /** Returns the version a node has told. */
    public static Version fromProto(RetainedVersion version) {
        return new Version(
                version.getTopic(),
                version.getTimestampMs(),
                version.getSourceNodeId(),
                version.getMessageId(),
                version.getCleared());
    }

    /** Returns the version as it travels. */
    public static RetainedVersion toProto(Version version) {
        return RetainedVersion.newBuilder()
                .setTopic(version.topic())
                .setTimestampMs(version.timestampMs())
                .setSourceNodeId(version.source())
                .setMessageId(version.messageId())
                .setCleared(version.cleared())
                .build();
    }

    private static Envelope read(MessageEnvelope envelope, long expiresNs, long publishedNs) {
        return new Envelope(
                envelope.getMessageId(),
                envelope.getTopic(),
                envelope.getPayload(),
                envelope.getContentType(),
                envelope.getTimestampMs(),
                envelope.getSourceNodeId(),
                envelope.getRetain(),
                envelope.getCorrelationId(),
                Math.max(0, envelope.getTtlMs()),
                envelope.getHeadersMap(),
                expiresNs,
                publishedNs,
                ByteString.EMPTY);
    }

    /** Returns a member as this node sees it, for another one. */
    public static MemberView toProto(PeerView view, long nowMs) {
        NodeIdentity peer = view.peer();
        MemberView.Builder told = MemberView.newBuilder()
                .setMember(Member.newBuilder()
                        .setInstanceUuid(peer.id().value())
                        .setName(peer.name())
                        .setRpcHost(peer.mesh().host())
                        .setRpcPort(peer.mesh().port()))
                .setSuspected(view.state() == State.SUSPECTED)
                .setLinked(view.linked())
                .setVersion(peer.version())
                .setProtocolVersion(peer.protocolVersion())
                .setSilentMs(Math.max(0, nowMs - view.lastHeardMs()))
                .setAppPort(peer.appPort());
        view.roundTripUs().ifPresent(told::setRoundTripUs);
        view.clockAheadMs().ifPresent(told::setClockAheadMs);
        return told.build();
    }

    /** Returns a member as another node sees it. */
    public static Inspection.MemberView fromProto(MemberView view) {
        Member member = view.getMember();
        return new Inspection.MemberView(
                new Links.Member(
                        new NodeId(member.getInstanceUuid()),
                        member.getName(),
                        Endpoint.advertised(member.getRpcHost(), member.getRpcPort())),
                view.getSuspected(),
                view.getLinked(),
                view.hasRoundTripUs() ? OptionalLong.of(view.getRoundTripUs()) : OptionalLong.empty(),
                view.hasClockAheadMs() ? OptionalLong.of(view.getClockAheadMs()) : OptionalLong.empty(),
                view.getVersion(),
                view.getProtocolVersion(),
                view.getSilentMs(),
                view.getAppPort());
    }

    /** Returns the beat as a beacon. */
    public static Beacon toProto(Beat beat) {
        return Beacon.newBuilder()
                .setInstanceUuid(beat.id().value())
                .setClusterId(beat.clusterId())
                .setRpcIp(beat.mesh().host())
                .setRpcPort(beat.mesh().port())
                .setTopicStateHash(beat.topicHash())
                .setTimestampMs(beat.timestampMs())
                .setProtocolVersion(beat.protocolVersion())
                .setRetainedStateHash(beat.retainedHash())
                .setAppPort(beat.appPort())
                .setLeaving(beat.leaving())
                .build();
    }

    /**
     * Returns the beat that a beacon carries.
     *
     * @throws IllegalArgumentException naming the field that no node fills so
     */
    public static Beat fromProto(Beacon beacon) {
        if (beacon.getAppPort() < 0 || beacon.getAppPort() > 65535) {
            throw new IllegalArgumentException("app_port " + beacon.getAppPort() + " is outside 0 to 65535");
        }
        return new Beat(
                new NodeId(beacon.getInstanceUuid()),
                beacon.getClusterId(),
                Endpoint.advertised(beacon.getRpcIp(), beacon.getRpcPort()),
                beacon.getAppPort(),
                beacon.getTopicStateHash(),
                beacon.getRetainedStateHash(),
                beacon.getTimestampMs(),
                Math.max(1, beacon.getProtocolVersion()),
                beacon.getLeaving());
    }

    /** Returns the beat as the bytes of a datagram. */
    public static byte[] beaconBytes(Beat beat) {
        return toProto(beat).toByteArray();
    }

    /**
     * Returns the beat in the bytes of a datagram.
     *
     * @throws IllegalArgumentException when the bytes are no beacon, or none that a node sends
     */
    public static Beat beatOf(byte[] beacon) {
        try {
            return fromProto(Beacon.parseFrom(beacon));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not a beacon: " + e.getMessage(), e);
        }
    }
}
