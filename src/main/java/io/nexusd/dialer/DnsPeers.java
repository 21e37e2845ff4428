package io.nexusd.dialer;

import io.nexusd.model.Endpoint;
import io.nexusd.model.PeerName;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The addresses behind the names of peers.dns. A name that does not resolve for a while keeps its last addresses. */
final class DnsPeers {
    private static final Logger LOG = LoggerFactory.getLogger(DnsPeers.class);

    private List<PeerName> names;
    private final Resolver resolver;
    private final Map<PeerName, Set<Endpoint>> known = new LinkedHashMap<>();
    private final Set<PeerName> failing = new LinkedHashSet<>();
    private boolean running;
    private boolean changedMeanwhile;

    DnsPeers(List<PeerName> names, Resolver resolver) {
        this.names = names;
        this.resolver = resolver;
    }

    /** Asks for these names from now on; addresses of others are forgotten. */
    void setNames(List<PeerName> newNames) {
        names = newNames;
        changedMeanwhile = running;
        known.keySet().retainAll(newNames);
        failing.retainAll(newNames);
    }

    /**
     * Resolves every name again.
     *
     * @return all addresses known after that; fails when the refresh before is still under way
     */
    Future<Set<Endpoint>> refresh() {
        if (running) {
            return Future.failedFuture("the last refresh is still under way");
        }
        running = true;
        List<PeerName> asked = names;
        List<Future<?>> lookups = new ArrayList<>();
        for (PeerName name : asked) {
            lookups.add(lookUp(name)
                    .onSuccess(addresses -> resolved(name, addresses))
                    .onFailure(e -> unresolved(name, e)));
        }
        return Future.join(lookups).transform(done -> {
            running = false;
            if (changedMeanwhile) {
                changedMeanwhile = false;
                return refresh();
            }
            return Future.succeededFuture(known());
        });
    }

    /** Returns all addresses known now. */
    Set<Endpoint> known() {
        Set<Endpoint> all = new LinkedHashSet<>();
        known.values().forEach(all::addAll);
        return all;
    }

    private Future<Set<Endpoint>> lookUp(PeerName name) {
        return name.isService()
                ? resolver.resolveService(name.name())
                : resolver.resolve(name.name()).map(hosts -> at(hosts, name.port()));
    }

    private static Set<Endpoint> at(List<String> hosts, int port) {
        Set<Endpoint> addresses = new LinkedHashSet<>();
        hosts.forEach(host -> addresses.add(new Endpoint(host, port)));
        return addresses;
    }

    private void resolved(PeerName name, Set<Endpoint> addresses) {
        if (!names.contains(name)) {
            return;
        }
        failing.remove(name);
        if (!addresses.equals(known.put(name, addresses))) {
            LOG.info("peers found by name name={} addresses={}", name, addresses);
        }
    }

    private void unresolved(PeerName name, Throwable e) {
        if (failing.add(name)) {
            LOG.info("name does not resolve, asking on name={} error={}", name, e.getMessage());
        }
    }
}
