package io.nexusd.bench;

import io.nexusd.wire.CommandFailure;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Two daemons of this project in a mesh and two NATS servers in a cluster, under the same load in turn. All four are up the whole
 * time; within a round the candidates take each case one right after the other, so that what else the machine does hits all of
 * them. Prints tables in Markdown on standard output, progress on standard error.
 */
@Command(name = "nexusd-compare", sortOptions = false, usageHelpAutoWidth = true, mixinStandardHelpOptions = true)
public final class Compare implements Runnable {
    private static final List<String> CANDIDATES = List.of("nats", "stream", "batch", "unary");

    @Option(names = "--rounds", defaultValue = "3", description = "Each takes every case once; ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--duration", defaultValue = "3", description = "Measured seconds of each run; ${DEFAULT-VALUE}.")
    private double durationS;

    @Option(names = "--warm-up", defaultValue = "2", description = "Seconds before; ${DEFAULT-VALUE}.")
    private double warmUpS;

    @Option(
            names = "--settle",
            defaultValue = "15",
            description =
                    "Seconds of load of each kind before the first round, for what compiles while it runs; 0: none."
                            + " ${DEFAULT-VALUE}.")
    private double settleS;

    @Option(
            names = "--sizes",
            split = ",",
            defaultValue = "16,256,4096,65536",
            description = "Payload bytes; ${DEFAULT-VALUE}.")
    private List<Integer> sizes;

    @Option(
            names = "--shapes",
            split = ",",
            defaultValue = "one-to-one,one-to-eight,cross-node",
            description = "${DEFAULT-VALUE}.")
    private List<String> shapes;

    @Option(
            names = "--candidates",
            split = ",",
            defaultValue = "nats,stream,batch,unary",
            description = "${DEFAULT-VALUE}.")
    private List<String> candidates;

    @Option(
            names = "--rate",
            defaultValue = "5000",
            description = "Of the latency runs, with 256 bytes; 0: none. ${DEFAULT-VALUE}.")
    private int ratePerSecond;

    @Option(names = "--jar", defaultValue = "target/nexusd.jar", description = "${DEFAULT-VALUE}.")
    private Path jar;

    @Option(
            names = "--java-options",
            split = " ",
            defaultValue = "-Xmx512m",
            description = "Of the daemons; ${DEFAULT-VALUE}.")
    private List<String> javaOptions;

    @Option(names = "--results", description = "Also append every run's JSON to this file.")
    private Path results;

    @Option(
            names = "--echo",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Compare unary calls with a server that only answers.")
    private boolean echo;

    private final Map<Case, Map<String, List<JsonObject>>> runs = new LinkedHashMap<>();
    private final List<JsonObject> calls = new ArrayList<>();
    private final List<JsonObject> echoes = new ArrayList<>();

    private record Case(String shape, int payloadBytes, int ratePerSecond) {
        boolean isCrossNode() {
            return shape.equals("cross-node");
        }

        int subscribers() {
            return shape.equals("one-to-eight") ? 8 : 1;
        }
    }

    /** Runs the comparison. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Compare()).setExpandAtFiles(false).execute(args));
    }

    @Override
    public void run() {
        for (String candidate : candidates) {
            if (!CANDIDATES.contains(candidate)) {
                throw new CommandFailure(
                        CommandFailure.USAGE, "--candidates: " + candidate + " is none of " + CANDIDATES);
            }
        }
        try (Servers servers = new Servers(jar, javaOptions)) {
            settle(servers);
            for (int round = 1; round <= rounds; round++) {
                for (Case each : cases()) {
                    for (String candidate : candidates) {
                        JsonObject result = run(servers, each, candidate, warmUpS);
                        note(round, each, candidate, result);
                        runs.computeIfAbsent(each, c -> new LinkedHashMap<>())
                                .computeIfAbsent(candidate, c -> new ArrayList<>())
                                .add(result);
                    }
                }
                if (echo) {
                    calls.add(call(round, "unary", servers.daemonAddress(0), servers.daemonPid(0), warmUpS));
                    echoes.add(call(round, "echo", servers.echoAddress(), servers.echoPid(), warmUpS));
                }
            }
        }
        print();
        if (echo) {
            printCalls();
        }
    }

    private void settle(Servers servers) {
        for (String shape : settleS == 0 ? List.<String>of() : shapes) {
            for (String candidate : candidates) {
                if (!candidate.equals("nats")) {
                    note(
                            0,
                            new Case(shape, 256, 0),
                            candidate,
                            run(servers, new Case(shape, 256, 0), candidate, settleS));
                }
            }
        }
        if (echo && settleS > 0) {
            call(0, "unary", servers.daemonAddress(0), servers.daemonPid(0), settleS);
            call(0, "echo", servers.echoAddress(), servers.echoPid(), settleS);
        }
    }

    private List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String shape : shapes) {
            sizes.forEach(size -> cases.add(new Case(shape, size, 0)));
        }
        for (String shape : shapes) {
            if (ratePerSecond > 0 && !shape.equals("one-to-eight")) {
                cases.add(new Case(shape, 256, ratePerSecond));
            }
        }
        return cases;
    }

    private JsonObject run(Servers servers, Case each, String candidate, double warmUp) {
        boolean nats = candidate.equals("nats");
        List<String> command = new ArrayList<>(List.of(Servers.java(), "-Xmx768m"));
        if (nats) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), NatsLoad.class.getName()));
        } else {
            command.addAll(List.of("-jar", jar.toString(), "bench", "--json", "--quiet", "--mode", candidate));
        }
        command.addAll(List.of("--target", nats ? servers.natsUrl(0) : servers.daemonAddress(0)));
        String pids = String.valueOf(nats ? servers.natsPid(0) : servers.daemonPid(0));
        if (each.isCrossNode()) {
            command.addAll(List.of("--target2", nats ? servers.natsUrl(1) : servers.daemonAddress(1)));
            pids += "," + (nats ? servers.natsPid(1) : servers.daemonPid(1));
        }
        command.addAll(List.of(
                "--pid", pids,
                "--size", String.valueOf(each.payloadBytes()),
                "--subscribers", String.valueOf(each.subscribers()),
                "--rate", String.valueOf(each.ratePerSecond()),
                "--duration", String.valueOf(durationS),
                "--warm-up", String.valueOf(warmUp)));
        return Servers.json(command);
    }

    /** Calls Publish with nobody subscribed, many at a time. */
    private JsonObject call(int round, String name, String target, long pid, double warmUp) {
        List<String> command = new ArrayList<>(List.of(Servers.java(), "-Xmx768m", "-jar", jar.toString(), "bench"));
        command.addAll(List.of("--json", "--quiet", "--mode", "unary", "--subscribers", "0", "--target", target));
        command.addAll(List.of("--pid", String.valueOf(pid), "--size", "256"));
        command.addAll(List.of("--duration", String.valueOf(durationS), "--warm-up", String.valueOf(warmUp)));
        JsonObject result = Servers.json(command);
        System.err.printf(
                Locale.ROOT,
                "round %d  %-12s %,7d B flat out  %-7s %,12.0f answered/s%n",
                round,
                "calls",
                256,
                name,
                result.getDouble("published_per_second"));
        return result;
    }

    private void printCalls() {
        ToDoubleFunction<JsonObject> perSecond = r -> r.getDouble("published_per_second");
        ToDoubleFunction<JsonObject> cpu = r -> r.getDouble("server_cpu_seconds") * 1e6 / r.getLong("published");
        System.out.printf("%n### unary calls, 64 in flight, 256 bytes, nobody subscribed%n%n");
        System.out.println("| | calls/s | against the echo | CPU s a million |");
        System.out.println("|---|---:|---|---:|");
        System.out.printf(Locale.ROOT, "| echo | %,.0f | | %.1f |%n", median(echoes, perSecond), median(echoes, cpu));
        System.out.printf(
                Locale.ROOT,
                "| Publish | %,.0f | %s | %.1f |%n",
                median(calls, perSecond),
                ratio(calls, echoes, perSecond),
                median(calls, cpu));
    }

    private void note(int round, Case each, String candidate, JsonObject result) {
        System.err.printf(
                Locale.ROOT,
                "round %d  %-12s %,7d B %s  %-7s %,12.0f received/s  p50 %,8.0f p99 %,8.0f µs  cpu %6.2f s/M  lost %d dropped %d%n",
                round,
                each.shape(),
                each.payloadBytes(),
                each.ratePerSecond() == 0 ? "flat out" : each.ratePerSecond() + "/s",
                candidate,
                result.getDouble("received_per_second"),
                latency(result, "p50"),
                latency(result, "p99"),
                cpu(result),
                result.getLong("lost"),
                result.getLong("dropped"));
        if (results == null || round == 0) {
            return;
        }
        JsonObject line = new JsonObject()
                .put("round", round)
                .put("shape", each.shape())
                .put("candidate", candidate)
                .mergeIn(result);
        try {
            Files.writeString(results, line.encode() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void print() {
        for (String shape : shapes) {
            System.out.printf("### %s%n%n", shape);
            System.out.println(
                    "| bytes | | messages/s received | against NATS | CPU s a million | MiB resident | lost, dropped |");
            System.out.println("|---:|---|---:|---|---:|---:|---:|");
            runs.forEach((each, of) -> {
                if (each.shape().equals(shape) && each.ratePerSecond() == 0) {
                    of.forEach((candidate, results) -> System.out.printf(
                            Locale.ROOT,
                            "| %d | %s | %,.0f | %s | %.2f | %,.0f | %d, %d |%n",
                            each.payloadBytes(),
                            candidate,
                            median(results, r -> r.getDouble("received_per_second")),
                            ratio(of, candidate, r -> r.getDouble("received_per_second")),
                            median(results, Compare::cpu),
                            median(results, r -> r.getLong("server_resident_bytes") / 1048576.0),
                            results.stream().mapToLong(r -> r.getLong("lost")).sum(),
                            results.stream()
                                    .mapToLong(r -> r.getLong("dropped"))
                                    .sum()));
                }
            });
            System.out.println();
        }
        System.out.printf("### latency at %d/s, 256 bytes%n%n", ratePerSecond);
        System.out.println("| | | p50 µs | against NATS | p99 µs | against NATS | p99.9 µs | CPU s a million |");
        System.out.println("|---|---|---:|---|---:|---|---:|---:|");
        runs.forEach((each, of) -> {
            if (each.ratePerSecond() > 0) {
                of.forEach((candidate, results) -> System.out.printf(
                        Locale.ROOT,
                        "| %s | %s | %,.0f | %s | %,.0f | %s | %,.0f | %.1f |%n",
                        each.shape(),
                        candidate,
                        median(results, r -> latency(r, "p50")),
                        ratio(of, candidate, r -> latency(r, "p50")),
                        median(results, r -> latency(r, "p99")),
                        ratio(of, candidate, r -> latency(r, "p99")),
                        median(results, r -> latency(r, "p99_9")),
                        median(results, Compare::cpu)));
            }
        });
    }

    /** Returns the median of the rounds' ratios, and the least and the greatest. */
    private static String ratio(
            Map<String, List<JsonObject>> of, String candidate, ToDoubleFunction<JsonObject> figure) {
        List<JsonObject> nats = of.get("nats");
        if (nats == null || candidate.equals("nats")) {
            return "";
        }
        return ratio(of.get(candidate), nats, figure);
    }

    private static String ratio(List<JsonObject> own, List<JsonObject> peer, ToDoubleFunction<JsonObject> figure) {
        double[] ratios = new double[Math.min(own.size(), peer.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = figure.applyAsDouble(own.get(i)) / figure.applyAsDouble(peer.get(i));
        }
        Arrays.sort(ratios);
        return String.format(
                Locale.ROOT, "**%.2f** (%.2f to %.2f)", middle(ratios), ratios[0], ratios[ratios.length - 1]);
    }

    private static double median(List<JsonObject> results, ToDoubleFunction<JsonObject> figure) {
        return middle(results.stream().mapToDouble(figure).sorted().toArray());
    }

    private static double middle(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static double latency(JsonObject result, String percentile) {
        return result.getJsonObject("latency_us").getDouble(percentile, Double.NaN);
    }

    private static double cpu(JsonObject result) {
        Double cpu = result.getDouble("server_cpu_seconds_per_million_received");
        return cpu == null ? Double.NaN : cpu;
    }
}
