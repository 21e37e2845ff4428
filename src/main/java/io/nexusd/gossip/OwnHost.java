package io.nexusd.gossip;

import io.nexusd.model.IpAddress;
import io.nexusd.model.NodeId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The address that this node advertises. In: what the host itself knows, and at which of its addresses the connections to other
 * hosts end. Where connections exist but none of them ends at the address that was found, the one at which most of them end is
 * advertised: the routing table of a host with several networks does not say over which of them the peers are. Holds one
 * address for each member. Not thread-safe.
 */
final class OwnHost {
    private final Map<NodeId, InetAddress> usedByMember = new HashMap<>();
    private AdvertisedHost found = new AdvertisedHost("", true, java.util.Set.of());

    /** The host was asked again. */
    void found(AdvertisedHost newlyFound) {
        found = newlyFound;
    }

    /**
     * A connection with a member exists. One within this host says nothing about others, nor does one without addresses.
     *
     * @param ownIp where it ends here
     * @param otherIp where it ends at the member
     */
    void connected(NodeId id, String ownIp, String otherIp) {
        if (ownIp.isEmpty() || IpAddress.canonical(ownIp).equals(IpAddress.canonical(otherIp))) {
            return;
        }
        literal(ownIp)
                .filter(address -> AdvertisedHost.first(List.of(address)).isPresent())
                .ifPresent(address -> usedByMember.put(id, address));
    }

    /** A member has been removed. */
    void gone(NodeId id) {
        usedByMember.remove(id);
    }

    /** Returns the address to advertise; empty when the host has not been asked yet. */
    String current() {
        Map<String, Integer> uses = new TreeMap<>();
        if (!found.isConfigured()) {
            for (InetAddress used : usedByMember.values()) {
                // An address that the host has lost since is of no use, whatever connection it once had.
                if (found.available().contains(used)) {
                    AdvertisedHost.first(List.of(used)).ifPresent(text -> uses.merge(text, 1, Integer::sum));
                }
            }
        }
        if (uses.isEmpty() || uses.containsKey(found.host())) {
            return found.host();
        }
        return uses.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .orElseThrow()
                .getKey();
    }

    private static Optional<InetAddress> literal(String ip) {
        try {
            int zone = ip.indexOf('%');
            return Optional.of(InetAddress.getByName(zone < 0 ? ip : ip.substring(0, zone)));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
