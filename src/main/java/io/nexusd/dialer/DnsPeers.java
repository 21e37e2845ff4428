package io.nexusd.dialer;

import io.nexusd.model.Endpoint;
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

    private List<Endpoint> names;
    private final Resolver resolver;
    private final Map<Endpoint, Set<Endpoint>> known = new LinkedHashMap<>();
    private final Set<Endpoint> failing = new LinkedHashSet<>();
    private boolean running;
    private boolean changedMeanwhile;

    DnsPeers(List<Endpoint> names, Resolver resolver) {
        this.names = names;
        this.resolver = resolver;
    }

    /** Asks for these names from now on; addresses of others are forgotten. */
    void setNames(List<Endpoint> newNames) {
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
        List<Endpoint> asked = names;
        List<Future<?>> lookups = new ArrayList<>();
        for (Endpoint name : asked) {
            lookups.add(resolver.resolve(name.host())
                    .onSuccess(hosts -> resolved(name, hosts))
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

    private void resolved(Endpoint name, List<String> hosts) {
        if (!names.contains(name)) {
            return;
        }
        Set<Endpoint> addresses = new LinkedHashSet<>();
        hosts.forEach(host -> addresses.add(new Endpoint(host, name.port())));
        failing.remove(name);
        if (!addresses.equals(known.put(name, addresses))) {
            LOG.info("peers found by name name={} addresses={}", name, addresses);
        }
    }

    private void unresolved(Endpoint name, Throwable e) {
        if (failing.add(name)) {
            LOG.info("name does not resolve, asking on name={} error={}", name, e.getMessage());
        }
    }
}
