package io.nexusd.lab;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is wrong with the lab's mesh network at the moment, as packet filter rules on its bridge. Cables stay up: frames just
 * vanish, which is the harder fault to notice. The rules are replaced as a whole at each change.
 */
final class Faults {
    private final String bridgeNamespace;
    private final Set<String> cut = new TreeSet<>();
    private final Set<List<String>> blocked = new java.util.LinkedHashSet<>();
    private final Map<String, Integer> lossPercent = new TreeMap<>();
    private boolean isMulticastDropped;

    Faults(String bridgeNamespace) {
        this.bridgeNamespace = bridgeNamespace;
    }

    void cut(String port) {
        cut.add(port);
        apply();
    }

    void heal(String port) {
        cut.remove(port);
        lossPercent.remove(port);
        apply();
    }

    void healAll() {
        cut.clear();
        blocked.clear();
        lossPercent.clear();
        apply();
    }

    void block(List<String> oneSide, List<String> otherSide) {
        for (String a : oneSide) {
            for (String b : otherSide) {
                blocked.add(List.of(a, b));
                blocked.add(List.of(b, a));
            }
        }
        apply();
    }

    void loss(String port, int percent) {
        lossPercent.put(port, percent);
        apply();
    }

    void dropMulticast() {
        isMulticastDropped = true;
        apply();
    }

    private void apply() {
        Shell.runWithInput(rules(), List.of("ip", "netns", "exec", bridgeNamespace, "nft", "-f", "-"));
    }

    private String rules() {
        // Declared before it is deleted, so that the first change works like all others.
        StringBuilder text = new StringBuilder("table bridge lab\ndelete table bridge lab\ntable bridge lab {\n")
                .append("chain forward {\ntype filter hook forward priority 0; policy accept;\n");
        if (isMulticastDropped) {
            // Other multicast of IPv6 is how its hosts find each other's hardware addresses.
            text.append("ip daddr 224.0.0.0/4 drop\nip6 daddr ff00::/8 udp dport 5670 drop\n");
        }
        cut.forEach(port -> text.append("iifname \"%1$s\" drop\noifname \"%1$s\" drop\n".formatted(port)));
        blocked.forEach(
                pair -> text.append("iifname \"%s\" oifname \"%s\" drop\n".formatted(pair.get(0), pair.get(1))));
        lossPercent.forEach((port, percent) -> text.append(
                "iifname \"%1$s\" numgen random mod 100 < %2$d drop\noifname \"%1$s\" numgen random mod 100 < %2$d drop\n"
                        .formatted(port, percent)));
        return text.append("}\n}\n").toString();
    }
}
