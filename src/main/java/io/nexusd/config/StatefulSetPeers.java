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
import java.util.stream.Stream;

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
     * @param lookup one of {@link #NAMES} as it was written, with an empty text when it is not set
     * @param meshPort port that every pod is taken to listen on
     */
    static Optional<Result> of(Function<String, RawValue> lookup, int meshPort) {
        RawValue count = lookup.apply(REPLICA_COUNT);
        RawValue service = lookup.apply(SERVICE_NAME);
        RawValue pod = lookup.apply(POD_NAME);
        if (Stream.of(count, service, pod).anyMatch(raw -> raw.text().isEmpty())) {
            return Optional.empty();
        }
        List<Problem> problems = new ArrayList<>();
        String purpose = " to list the static peers, or set peers.static or peers.dns";
        Parsed<Integer> replicas = COUNT.parse(count.text());
        if (replicas.value().isEmpty()) {
            problems.add(count.problem(replicas.problem() + "; must be " + COUNT.rule() + purpose));
        }
        Matcher matcher = POD.matcher(pod.text());
        if (!matcher.matches()) {
            problems.add(pod.problem(
                    "has no ordinal; must be the name of a StatefulSet's pod, such as nexusd-0," + purpose));
        }
        String domain = service.text().replaceFirst("\\.$", "");
        if (!Hosts.isHost(domain)) {
            problems.add(service.problem("is not a host name; must name the headless Service" + purpose));
        }
        if (meshPort == 0) {
            problems.add(count.problem("mesh.port is 0 (any free port); set a fixed one" + purpose));
        }
        String peers =
                problems.isEmpty() ? list(matcher.group(1), replicas.value().orElseThrow(), domain, meshPort) : "";
        String source = Stream.of(service, pod)
                .map(raw -> raw.source().replaceFirst("^environment ", ""))
                .collect(Collectors.joining(", ", count.source() + ", ", ""));
        return Optional.of(new Result(peers, source, problems));
    }

    private static String list(String set, int replicas, String domain, int meshPort) {
        return IntStream.range(0, replicas)
                .mapToObj(i -> set + "-" + i + "." + domain + ":" + meshPort)
                .collect(Collectors.joining(","));
    }
}
