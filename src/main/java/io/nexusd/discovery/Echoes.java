package io.nexusd.discovery;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether this node hears its own beacons, network by network, as it must where the group is joined: the system keeps memberships
 * that lead nowhere, for example of an interface that was removed and made again. In: beacons sent and heard, one question for each
 * look at the networks. Out: when to join again, each time after a longer wait. Not thread-safe.
 */
final class Echoes {
    /** So many beacons in a row that did not come back are no loss. */
    static final int MISSED = 5;

    private static final int MAX_WAIT_LOOKS = 64;

    private final Map<Egress, Integer> missed = new HashMap<>();
    private int waitLooks = 1;
    private int looks;

    /** A beacon went out over each of the networks. */
    void sent(Collection<Egress> networks) {
        missed.keySet().retainAll(networks);
        networks.forEach(network -> missed.merge(network, 1, Integer::sum));
    }

    /** A beacon of this node came in; where its source is no address of the networks, it may have come over any of them. */
    void heard(String sourceIp) {
        boolean isKnown =
                missed.keySet().stream().anyMatch(network -> network.address().equals(sourceIp));
        missed.replaceAll((network, count) -> !isKnown || network.address().equals(sourceIp) ? 0 : count);
        if (missed.values().stream().noneMatch(count -> count >= MISSED)) {
            waitLooks = 1;
            looks = 0;
        }
    }

    /** Tells whether the beacons of some network have not come back. */
    boolean isSilent() {
        return missed.values().stream().anyMatch(count -> count >= MISSED);
    }

    /** Tells whether the group is to be joined again now. To be asked at each look at the networks. */
    boolean isRejoinDue() {
        if (!isSilent()) {
            return false;
        }
        looks++;
        if (looks < waitLooks) {
            return false;
        }
        looks = 0;
        waitLooks = Math.min(MAX_WAIT_LOOKS, waitLooks * 2);
        missed.replaceAll((network, count) -> 0);
        return true;
    }
}
