package io.nexusd.k8s;

import io.nexusd.lab.DnsServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The cluster's name server, told only what has changed: each change makes it forget what it knew. */
final class ServiceNames {
    private final DnsServer dns;
    private final Map<String, List<String>> published = new HashMap<>();

    ServiceNames(DnsServer dns) {
        this.dns = dns;
    }

    /** These names and no others have addresses from now on. */
    void publish(Map<String, List<String>> addressesByName) {
        for (String name : List.copyOf(published.keySet())) {
            if (!addressesByName.containsKey(name)) {
                dns.record(name);
                published.remove(name);
            }
        }
        addressesByName.forEach((name, addresses) -> {
            if (!addresses.equals(published.get(name))) {
                dns.record(name, addresses.toArray(String[]::new));
                published.put(name, List.copyOf(addresses));
            }
        });
    }
}
