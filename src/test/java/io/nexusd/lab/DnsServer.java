package io.nexusd.lab;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A name server on the lab's network whose records come, go and change while it runs. Answers for one zone and for nothing
 * else: other names do not exist.
 */
public final class DnsServer implements AutoCloseable {
    /** Always has SRV records for n-0, n-1 and n-2, whether these names have addresses or not. */
    public static final String SERVICE = "_mesh._tcp.nexusd-headless.svc";

    private final String namespace;
    private final String address;
    private final Path records;
    private final Process process;
    private final Map<String, List<String>> addressesByName = new TreeMap<>();

    DnsServer(Lab lab, String address, String zone) {
        this.namespace = lab.name() + "dns";
        this.address = address;
        Namespaces.create(namespace);
        lab.cable(namespace, "mesh", "dns", address);
        try {
            records = LabDaemon.logDirectory().resolve(namespace + ".hosts");
            Files.writeString(records, "");
            process = new ProcessBuilder(
                            "ip",
                            "netns",
                            "exec",
                            namespace,
                            "dnsmasq",
                            "--keep-in-foreground",
                            "--no-resolv",
                            "--no-hosts",
                            "--addn-hosts=" + records,
                            "--local=/" + zone + "/",
                            "--local-ttl=5",
                            "--srv-host=" + SERVICE + ",n-0.svc,5671",
                            "--srv-host=" + SERVICE + ",n-1.svc,5671",
                            "--srv-host=" + SERVICE + ",n-2.svc,5671",
                            "--user=root",
                            "--conf-file=/dev/null",
                            "--pid-file=",
                            "--listen-address=" + address,
                            "--bind-interfaces",
                            "--log-facility=-")
                    .redirectErrorStream(true)
                    .redirectOutput(
                            LabDaemon.logDirectory().resolve(namespace + ".log").toFile())
                    .start();
            // Before it is up it would die of the signal that makes it read its records again.
            Path log = LabDaemon.logDirectory().resolve(namespace + ".log");
            await("dnsmasq to start; its log: " + log)
                    .until(() -> Files.readString(log).contains("started"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start dnsmasq (package dnsmasq-base)", e);
        }
    }

    String address() {
        return address;
    }

    /** The name's addresses from now on; none removes the name. */
    public void record(String name, String... addresses) {
        if (addresses.length == 0) {
            addressesByName.remove(name);
        } else {
            addressesByName.put(name, Arrays.asList(addresses));
        }
        String text = addressesByName.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(ip -> ip + " " + entry.getKey() + "\n"))
                .collect(Collectors.joining());
        try {
            Files.writeString(records, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Read again, and forget what was cached.
        Shell.run("kill", "-HUP", String.valueOf(process.pid()));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Namespaces.remove(namespace);
    }
}
