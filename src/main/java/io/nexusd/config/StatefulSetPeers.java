package io.nexusd.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The static peers of a StatefulSet whose pods know only its size, their own name and the headless Service:
 * {@code <set>-<i>.<service>:<mesh port>}. Says nothing unless all three names are set, for a deployment may pass one of them
 * for purposes of its own.
 */
final class StatefulSetPeers {
    static final String REPLICA_COUNT = "REPLICA_COUNT";
    static final String SERVICE_NAME = "SERVICE_NAME";
    static final String POD_NAME = "POD_NAME";
    static final Set<String> NAMES = Set.of(REPLICA_COUNT, SERVICE_NAME, POD_NAME);

    private static final Pattern POD = Pattern.compile("(.+)-[0-9]+");
    private static final ValueType<Integer> COUNT = ValueTypes.integer(1, ValueTypes.MAX_ENDPOINTS);

    /** The list as text, or what is wrong. */
    record Result(String peers, String source, List<Problem> problems) {}

    private StatefulSetPeers() {}

    /**
     * Builds the list.
     *
     * @param lookup text of one of {@link #NAMES}, null when it is not set
     * @param meshPort port that every pod is taken to listen on
     */
    static Optional<Result> of(Function<String, String> lookup, int meshPort) {
        String count = orEmpty(lookup.apply(REPLICA_COUNT));
        String service = orEmpty(lookup.apply(SERVICE_NAME));
        String pod = orEmpty(lookup.apply(POD_NAME));
        if (count.isEmpty() || service.isEmpty() || pod.isEmpty()) {
            return Optional.empty();
        }
        List<Problem> problems = new ArrayList<>();
        String purpose = " to list the static peers, or set peers.static or peers.dns";
        Parsed<Integer> replicas = COUNT.parse(count);
        if (replicas.value().isEmpty()) {
            problems.add(problem(REPLICA_COUNT, count, replicas.problem() + "; must be " + COUNT.rule() + purpose));
        }
        Matcher matcher = POD.matcher(pod);
        if (!matcher.matches()) {
            problems.add(problem(
                    POD_NAME,
                    pod,
                    "has no ordinal; must be the name of a StatefulSet's pod, such as nexusd-0," + purpose));
        }
        String domain = service.endsWith(".") ? service.substring(0, service.length() - 1) : service;
        if (!Hosts.isHost(domain)) {
            problems.add(
                    problem(SERVICE_NAME, service, "is not a host name; must name the headless Service" + purpose));
        }
        if (meshPort == 0) {
            problems.add(problem(REPLICA_COUNT, count, "mesh.port is 0 (any free port); set a fixed one" + purpose));
        }
        String peers =
                problems.isEmpty() ? list(matcher.group(1), replicas.value().orElseThrow(), domain, meshPort) : "";
        return Optional.of(
                new Result(peers, "environment " + REPLICA_COUNT + ", " + SERVICE_NAME + ", " + POD_NAME, problems));
    }

    private static String list(String set, int replicas, String domain, int meshPort) {
        return IntStream.range(0, replicas)
                .mapToObj(i -> set + "-" + i + "." + domain + ":" + meshPort)
                .collect(Collectors.joining(","));
    }

    private static Problem problem(String name, String value, String rule) {
        return new Problem(name, value, "environment " + name, rule);
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text.strip();
    }
}
