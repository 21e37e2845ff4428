package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * NetworkPolicies as packet filter rules of one pod: what a policy selects may talk only as one of its rules says, answers to what
 * was allowed pass. Peers are pods of the same namespace; whatever else a policy can name is refused as unknown.
 */
final class Policies {
    private static final String ACCEPT = " accept\n";

    private Policies() {}

    /**
     * Rules for nft.
     *
     * @param addressesOf the addresses of the pods that a selector matches now
     * @param portOf the number of a port of the pod
     */
    static String rules(
            List<NetworkPolicy> policies,
            Map<String, String> labels,
            Function<LabelSelector, List<String>> addressesOf,
            ToIntFunction<IntOrString> portOf) {
        List<NetworkPolicy> own = policies.stream()
                .filter(policy -> matches(policy.getSpec().getPodSelector(), labels))
                .toList();
        StringBuilder in = new StringBuilder();
        StringBuilder out = new StringBuilder();
        boolean limitsIn = false;
        boolean limitsOut = false;
        for (NetworkPolicy policy : own) {
            limitsIn |= policy.getSpec().getPolicyTypes().contains("Ingress");
            limitsOut |= policy.getSpec().getPolicyTypes().contains("Egress");
            policy.getSpec()
                    .getIngress()
                    .forEach(rule -> allow(in, "saddr", rule.getFrom(), rule.getPorts(), addressesOf, portOf));
            policy.getSpec()
                    .getEgress()
                    .forEach(rule -> allow(out, "daddr", rule.getTo(), rule.getPorts(), addressesOf, portOf));
        }
        return "table inet pods {}\ndelete table inet pods\ntable inet pods {\n"
                + chain("input", "iifname", limitsIn, in)
                + chain("output", "oifname", limitsOut, out)
                + "}\n";
    }

    private static String chain(String hook, String device, boolean isLimited, CharSequence allowed) {
        // The second network is the machine's own way to its pods, on which kubelets ask their probes.
        return "chain pods_" + hook + " {\ntype filter hook " + hook + " priority 0; policy accept;\n"
                + (isLimited
                        ? device + " != \"mesh\" accept\nct state established,related accept\n" + allowed + "drop\n"
                        : "")
                + "}\n";
    }

    private static void allow(
            StringBuilder rules,
            String side,
            List<NetworkPolicyPeer> peers,
            List<NetworkPolicyPort> ports,
            Function<LabelSelector, List<String>> addressesOf,
            ToIntFunction<IntOrString> portOf) {
        List<String> addresses = new ArrayList<>();
        for (NetworkPolicyPeer peer : peers) {
            if (peer.getIpBlock() != null || peer.getNamespaceSelector() != null) {
                throw new IllegalArgumentException("a peer that the player does not know: " + peer);
            }
            addresses.addAll(addressesOf.apply(peer.getPodSelector()));
        }
        if (!peers.isEmpty() && addresses.isEmpty()) {
            return;
        }
        String who = peers.isEmpty() ? "" : "ip " + side + " { " + String.join(", ", addresses) + " } ";
        for (NetworkPolicyPort port : ports) {
            rules.append(who)
                    .append(port.getProtocol().toLowerCase(Locale.ROOT))
                    .append(" dport ")
                    .append(portOf.applyAsInt(port.getPort()))
                    .append(ACCEPT);
        }
    }

    /** The policy with another port wherever it names the given one. */
    static NetworkPolicy withPort(NetworkPolicy policy, String named, int port) {
        NetworkPolicy copy = new NetworkPolicyBuilder(policy).build();
        copy.getSpec().getIngress().forEach(rule -> rule.setPorts(with(rule.getPorts(), named, port)));
        copy.getSpec().getEgress().forEach(rule -> rule.setPorts(with(rule.getPorts(), named, port)));
        return copy;
    }

    private static List<NetworkPolicyPort> with(List<NetworkPolicyPort> ports, String named, int port) {
        List<NetworkPolicyPort> all = new ArrayList<>(ports);
        ports.stream()
                .filter(each -> named.equals(each.getPort().getStrVal()))
                .map(each -> new NetworkPolicyPortBuilder(each)
                        .withPort(new IntOrString(port))
                        .build())
                .forEach(all::add);
        return all;
    }

    static boolean matches(LabelSelector selector, Map<String, String> labels) {
        if (!selector.getMatchExpressions().isEmpty()) {
            throw new IllegalArgumentException("a selector that the player does not know: " + selector);
        }
        return labels.entrySet().containsAll(selector.getMatchLabels().entrySet());
    }
}
