package io.nexusd.gossip;

import io.nexusd.bus.Bus;
import io.nexusd.bus.Links;
import io.nexusd.bus.Membership;
import io.nexusd.bus.Meters;
import io.nexusd.gossip.Outcome.Conflict;
import io.nexusd.gossip.Outcome.Gone;
import io.nexusd.gossip.Outcome.InterestKnown;
import io.nexusd.gossip.Outcome.Joined;
import io.nexusd.gossip.Outcome.Learned;
import io.nexusd.gossip.Outcome.Renamed;
import io.nexusd.gossip.Outcome.Suspicion;
import io.nexusd.model.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Tells the other rooms, the log and the metrics what has changed in the membership. Lives on gossip's event loop. */
final class Announcements {
    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

    private final NodeId self;
    private final Bus bus;
    private final Meters meters;

    Announcements(NodeId self, Bus bus, Meters meters) {
        this.self = self;
        this.bus = bus;
        this.meters = meters;
    }

    /** Announces an outcome; what only asks for something to be fetched is nobody's news. */
    void announce(Outcome outcome) {
        if (outcome instanceof Joined joined) {
            joined(joined);
        } else if (outcome instanceof Gone gone) {
            gone(gone);
        } else if (outcome instanceof Renamed renamed) {
            renamed(renamed);
        } else if (outcome instanceof Conflict conflict) {
            conflict(conflict);
        } else if (outcome instanceof Suspicion suspicion) {
            suspicion(suspicion);
        } else if (outcome instanceof InterestKnown known) {
            bus.publish(Membership.PEER_INTEREST, new Membership.PeerInterest(known.id(), known.filters()));
        } else if (outcome instanceof Learned learned) {
            bus.publish(Links.PEER_LEARNED, new Links.PeerLearned(learned.member()));
        }
    }

    private void joined(Joined joined) {
        LOG.info(
                "peer joined peer={} name={} endpoint={} version={}",
                joined.peer().id(),
                joined.peer().name(),
                joined.peer().mesh(),
                joined.peer().version());
        bus.publish(Membership.PEER_UP, new Membership.PeerUp(joined.peer()));
    }

    private void gone(Gone gone) {
        meters.peerGone(gone.reason());
        // Whoever is dead said no farewell, and somebody should look.
        LOG.atLevel(gone.reason() == Membership.Reason.DEAD ? Level.WARN : Level.INFO)
                .log(
                        "peer gone peer={} name={} endpoint={} reason={}",
                        gone.peer().id(),
                        gone.peer().name(),
                        gone.peer().mesh(),
                        gone.reason());
        bus.publish(Membership.PEER_DOWN, new Membership.PeerDown(gone.peer().id(), gone.reason(), gone.successor()));
    }

    /** The node works nevertheless where it is reached at another address; nodes that only know this one do not find it. */
    void wrongAddress(WrongAddresses.Wrong wrong) {
        boolean isSelf = wrong.answered().id().equals(self);
        LOG.warn(
                "peer advertises an address at which {} answers; other nodes may not reach it, set node.advertise there"
                        + " peer={} name={} endpoint={} answered={} answered_name={}",
                isSelf ? "this node itself" : "another node",
                wrong.id(),
                wrong.name(),
                wrong.endpoint(),
                wrong.answered().id(),
                wrong.answered().name());
    }

    private static void conflict(Conflict conflict) {
        LOG.warn(
                "two nodes have the same name and address, both are kept; set another node.name and node.advertise on one of"
                        + " them name={} endpoint={} peer={} other={}",
                conflict.one().name(),
                conflict.one().mesh(),
                conflict.one().id(),
                conflict.other().id());
    }

    private static void renamed(Renamed renamed) {
        LOG.info(
                "peer changed peer={} name={} endpoint={} old_name={} old_endpoint={}",
                renamed.after().id(),
                renamed.after().name(),
                renamed.after().mesh(),
                renamed.before().name(),
                renamed.before().mesh());
    }

    private void suspicion(Suspicion suspicion) {
        bus.publish(
                Membership.PEER_SUSPECTED,
                new Membership.PeerSuspected(suspicion.peer().id(), suspicion.suspected()));
        LOG.info(
                "peer {} peer={} name={} endpoint={} silent_ms={}",
                suspicion.suspected() ? "suspected" : "heard again",
                suspicion.peer().id(),
                suspicion.peer().name(),
                suspicion.peer().mesh(),
                suspicion.silentMs());
    }
}
