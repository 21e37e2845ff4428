package io.nexusd.routing;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Meters;
import io.nexusd.bus.Meters.Dropped;
import io.nexusd.bus.Routing;
import io.nexusd.bus.Routing.Deliver;
import io.nexusd.bus.Routing.Delivery;
import io.nexusd.bus.Routing.Forwarding;
import io.nexusd.bus.Routing.Handed;
import io.nexusd.bus.Routing.Handover;
import io.nexusd.bus.Routing.Pick;
import io.nexusd.bus.Routing.Receiver;
import io.nexusd.model.Envelope;
import io.nexusd.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds another member for messages of groups whose member is gone, here before elsewhere. In: such messages. Out: deliveries and
 * forwardings; what nobody shares any more is counted as dropped. Lives on router's event loop.
 */
final class Handovers {
    /** A shared message is handed on this often; more often its members are gone before it comes to them. */
    private static final int MAX_HOPS = 8;

    private final Bus bus;
    private final Meters meters;
    private final NodeId self;
    private final RouteTable routes;
    private final History history;
    private final Forwarder forwarder;

    Handovers(Bus bus, Meters meters, NodeId self, RouteTable routes, History history, Forwarder forwarder) {
        this.bus = bus;
        this.meters = meters;
        this.self = self;
        this.routes = routes;
        this.history = history;
        this.forwarder = forwarder;
    }

    /** Passes the messages on; each is a target already. */
    void handOver(Handover handover) {
        List<Delivery> deliveries = new ArrayList<>();
        List<Forwarding> forwardings = new ArrayList<>();
        GroupNumbers numbers = new GroupNumbers(history, routes);
        Shares shares = routes.shares();
        for (Handed handed : handover.messages()) {
            String share = handed.share();
            int hops = handed.hops() + 1;
            Optional<Long> member = shares.pickMember(share);
            Optional<NodeId> node = member.isPresent() ? Optional.empty() : shares.pickNode(share);
            boolean homeless = member.isEmpty() && node.isEmpty();
            if (homeless || hops > MAX_HOPS || handed.envelope().expiredAt(System.nanoTime())) {
                meters.dropped(homeless || hops > MAX_HOPS ? Dropped.DISCONNECTED : Dropped.EXPIRED, 1);
            } else if (member.isPresent()) {
                deliveries.add(toMember(handed, numbers, new Pick(member.get(), share, hops)));
            } else {
                forwardings.add(new Forwarding(
                        handed.envelope(), List.of(new Receiver(node.get(), false, List.of(share), hops))));
            }
        }
        if (!deliveries.isEmpty()) {
            bus.request(Routing.DELIVER, new Deliver(deliveries));
        }
        if (!forwardings.isEmpty()) {
            forwarder.forward(forwardings);
        }
    }

    /** The message keeps its number, and was published where it was published. */
    private Delivery toMember(Handed handed, GroupNumbers numbers, Pick pick) {
        Envelope envelope = handed.envelope();
        long sequence = handed.sequence() > 0 ? handed.sequence() : numbers.ofHandedOver(envelope);
        boolean fromPeer = !envelope.source().equals(self.value());
        return new Delivery(envelope, sequence, List.of(), List.of(pick), fromPeer);
    }
}
