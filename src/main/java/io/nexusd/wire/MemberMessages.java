package io.nexusd.wire;

import io.nexusd.bus.Links;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.mesh.LinkHello;
import io.nexusd.proto.mesh.Member;
import io.nexusd.proto.mesh.Members;
import io.nexusd.proto.mesh.ObservedEndpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * The codec for hellos and lists of members, used by both ends of a link. Reading throws IllegalArgumentException on what no valid
 * node sends.
 */
public final class MemberMessages {
    private MemberMessages() {}

    /** Returns the hello of this node, without a sequence number. */
    public static LinkHello.Builder hello(OwnBeat own) {
        NodeIdentity self = own.self();
        return LinkHello.newBuilder()
                .setInstanceUuid(self.id().value())
                .setClusterId(self.clusterId())
                .setName(self.name())
                .setRpcHost(self.mesh().host())
                .setRpcPort(self.mesh().port())
                .setAppPort(self.appPort())
                .setProtocolVersion(self.protocolVersion())
                .setVersion(self.version())
                .setStartedAtMs(self.startedAtMs())
                .setTopicStateHash(own.beat().topicHash());
    }

    /** Returns the identity in a hello. Links are an extension, so a hello without a protocol version is that of version 2. */
    public static NodeIdentity identity(LinkHello hello) {
        return new NodeIdentity(
                new NodeId(hello.getInstanceUuid()),
                hello.getClusterId(),
                hello.getName(),
                Endpoint.advertised(hello.getRpcHost(), hello.getRpcPort()),
                hello.getAppPort(),
                Math.max(NodeIdentity.PROTOCOL_VERSION, hello.getProtocolVersion()),
                hello.getVersion(),
                hello.getStartedAtMs());
    }

    /** Returns the list of members for another node. */
    public static Members toProto(KnownMembers known) {
        Members.Builder members = Members.newBuilder();
        for (Links.Member member : known.members()) {
            Member.Builder entry = members.addMembersBuilder()
                    .setInstanceUuid(member.id().value())
                    .setName(member.name())
                    .setRpcHost(member.mesh().host())
                    .setRpcPort(member.mesh().port());
            member.observed()
                    .forEach(endpoint -> entry.addObservedBuilder()
                            .setRpcHost(endpoint.host())
                            .setRpcPort(endpoint.port()));
        }
        return members.build();
    }

    /** Returns the list of members that another node has sent. */
    public static KnownMembers fromProto(Members members) {
        List<Links.Member> known = new ArrayList<>(members.getMembersCount());
        for (Member member : members.getMembersList()) {
            known.add(new Links.Member(
                    new NodeId(member.getInstanceUuid()),
                    member.getName(),
                    Endpoint.advertised(member.getRpcHost(), member.getRpcPort()),
                    observed(member)));
        }
        return new KnownMembers(known);
    }

    /** Returns the observed endpoints of a member; invalid ones are left out, because the advertised endpoint remains. */
    private static List<Endpoint> observed(Member member) {
        List<Endpoint> observed = new ArrayList<>();
        for (ObservedEndpoint endpoint : member.getObservedList()) {
            try {
                observed.add(Endpoint.advertised(endpoint.getRpcHost(), endpoint.getRpcPort()));
            } catch (IllegalArgumentException e) {
                continue;
            }
            if (observed.size() == Links.Member.MAX_OBSERVED) {
                break;
            }
        }
        return observed;
    }
}
