package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexusd.bus.Links;
import io.nexusd.bus.Links.KnownMembers;
import io.nexusd.bus.Links.OwnBeat;
import io.nexusd.model.Beat;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import io.nexusd.proto.mesh.LinkHello;
import io.nexusd.proto.mesh.Member;
import io.nexusd.proto.mesh.Members;
import io.nexusd.proto.mesh.ObservedEndpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemberMessagesTest {
    private static final NodeId ID = new NodeId("0f8fad5b-d9cb-469f-a165-70867728950e");
    private static final Endpoint MESH = new Endpoint("10.0.0.7", 5671);
    private static final NodeIdentity SELF = new NodeIdentity(ID, "blue", "node-7", MESH, 5672, 2, "1.2.3", 1_000);

    private static OwnBeat own() {
        Beat beat = new Beat(ID, "blue", MESH, 5672, 11, 0, 2_000, 2, false);
        return new OwnBeat(SELF, beat, 0, 1_000);
    }

    @Test
    void shouldReadTheIdentityThatItWrites() {
        LinkHello hello = MemberMessages.hello(own()).build();
        assertThat(MemberMessages.identity(hello)).isEqualTo(SELF);
        assertThat(hello.getTopicStateHash()).isEqualTo(11);
    }

    @Test
    void shouldTakeAHelloWithoutAProtocolVersionForThatOfTheFirstOneWithLinks() {
        LinkHello hello = MemberMessages.hello(own()).clearProtocolVersion().build();
        assertThat(MemberMessages.identity(hello).protocolVersion()).isEqualTo(2);
    }

    @Test
    void shouldKeepALaterProtocolVersion() {
        LinkHello hello = MemberMessages.hello(own()).setProtocolVersion(3).build();
        assertThat(MemberMessages.identity(hello).protocolVersion()).isEqualTo(3);
    }

    @Test
    void shouldRefuseAHelloWithoutAnEndpoint() {
        LinkHello hello = MemberMessages.hello(own()).clearRpcPort().build();
        assertThatThrownBy(() -> MemberMessages.identity(hello)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldReadTheMembersThatItWrites() {
        KnownMembers known = new KnownMembers(List.of(
                new Links.Member(ID, "node-7", MESH, List.of(new Endpoint("192.168.0.7", 5671))),
                new Links.Member(new NodeId("7c9e6679-7425-40de-944b-e07fc1f90ae7"), "", new Endpoint("::1", 1))));
        assertThat(MemberMessages.fromProto(MemberMessages.toProto(known))).isEqualTo(known);
    }

    @Test
    void shouldLeaveOutInvalidObservedEndpoints() {
        Members members = Members.newBuilder()
                .addMembers(Member.newBuilder()
                        .setInstanceUuid(ID.value())
                        .setRpcHost("10.0.0.7")
                        .setRpcPort(5671)
                        .addObserved(ObservedEndpoint.newBuilder().setRpcHost("10.0.0.8"))
                        .addObserved(ObservedEndpoint.newBuilder()
                                .setRpcHost("10.0.0.9")
                                .setRpcPort(5671)))
                .build();
        assertThat(MemberMessages.fromProto(members).members().get(0).observed())
                .containsExactly(new Endpoint("10.0.0.9", 5671));
    }
}
