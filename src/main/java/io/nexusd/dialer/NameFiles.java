package io.nexusd.dialer;

import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What the hosts file and the resolver configuration of the system say. Both change while a node runs: a VPN comes up, a DHCP
 * lease is renewed, an administrator adds a host. A file that is missing, unreadable, too large or without content says nothing,
 * so its last good content remains. Immutable.
 */
final class NameFiles {
    static final Path HOSTS = Path.of("/etc/hosts");
    static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    /** Before anything was read. */
    static final NameFiles UNREAD = new NameFiles(null, Map.of(), Map.of(), null, Servers.LOCAL);

    private static final long MAX_BYTES = 16L * 1024 * 1024;

    /** A file that was written so short a time ago may change again within the resolution of its time stamp. */
    private static final long SETTLED_MS = 2_000;

    private static final int DNS_PORT = 53;
    private static final int MAX_SERVERS = 8;
    /** As many as the C library takes. */
    private static final int MAX_SEARCH_DOMAINS = 32;

    private static final int MAX_NDOTS = 15;

    /** The name servers, in the order in which they are asked, the domains in which names are looked for, and the ndots option. */
    record Servers(List<InetSocketAddress> addresses, List<String> searchDomains, int ndots) {
        /** The rule of the C library for a system that configures no name server. */
        static final Servers LOCAL =
                new Servers(List.of(new InetSocketAddress(NetUtil.LOCALHOST4, DNS_PORT)), List.of(), 1);
    }

    /** A state of a file; null keys where the file system has none. */
    private record Stamp(FileTime modified, long size, Object key) {}

    private final Stamp hostsStamp;
    private final Map<String, List<InetAddress>> ipv4;
    private final Map<String, List<InetAddress>> ipv6;
    private final Stamp serversStamp;
    private final Servers servers;

    private NameFiles(
            Stamp hostsStamp,
            Map<String, List<InetAddress>> ipv4,
            Map<String, List<InetAddress>> ipv6,
            Stamp serversStamp,
            Servers servers) {
        this.hostsStamp = hostsStamp;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.serversStamp = serversStamp;
        this.servers = servers;
    }

    /** Reads the system's files where they have changed; blocks on the file system, so not for an event loop. */
    NameFiles refreshed() {
        return refreshed(HOSTS, RESOLV_CONF, System.currentTimeMillis());
    }

    /** Reads these files where they have changed. */
    NameFiles refreshed(Path hosts, Path resolvConf, long nowMs) {
        return withHosts(hosts, nowMs).withServers(resolvConf, nowMs);
    }

    /** Returns the addresses that the hosts file gives to a name, IPv4 first; none where the name is not in the file. */
    List<InetAddress> addressesOf(String name) {
        String key = name.toLowerCase(Locale.ENGLISH);
        return Stream.concat(ipv4.getOrDefault(key, List.of()).stream(), ipv6.getOrDefault(key, List.of()).stream())
                .distinct()
                .toList();
    }

    /** Returns the name servers. */
    Servers servers() {
        return servers;
    }

    private NameFiles withHosts(Path file, long nowMs) {
        try {
            Stamp stamp = stamp(file);
            if (stamp.equals(hostsStamp) && isSettled(stamp, nowMs)) {
                return this;
            }
            String text = read(file, stamp);
            // An editor truncates before it writes. A file that stays empty is meant to be empty.
            if (text.isBlank() && !isSettled(stamp, nowMs)) {
                return this;
            }
            HostsFileEntriesProvider entries = HostsFileEntriesProvider.parser().parse(new StringReader(text));
            return new NameFiles(stamp, entries.ipv4Entries(), entries.ipv6Entries(), serversStamp, servers);
        } catch (IOException | RuntimeException e) {
            return this;
        }
    }

    private NameFiles withServers(Path file, long nowMs) {
        try {
            Stamp stamp = stamp(file);
            if (stamp.equals(serversStamp) && isSettled(stamp, nowMs)) {
                return this;
            }
            Servers read = parse(read(file, stamp).lines().toList());
            // Without a name server nothing resolves: it is taken for a file that is being written.
            boolean isUsable = !read.addresses().isEmpty();
            return isUsable ? new NameFiles(hostsStamp, ipv4, ipv6, stamp, read) : this;
        } catch (IOException | RuntimeException e) {
            return this;
        }
    }

    private static Stamp stamp(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }

    private static boolean isSettled(Stamp stamp, long nowMs) {
        return Math.abs(nowMs - stamp.modified().toMillis()) > SETTLED_MS;
    }

    private static String read(Path file, Stamp stamp) throws IOException {
        if (stamp.size() > MAX_BYTES) {
            throw new IOException(file + " has " + stamp.size() + " bytes, more than " + MAX_BYTES);
        }
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** Reads lines in the format of resolv.conf(5); unknown ones are passed over. */
    static Servers parse(List<String> lines) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        List<String> searchDomains = List.of();
        int ndots = Servers.LOCAL.ndots();
        for (String line : lines) {
            List<String> words = List.of(line.strip().split("\\s+"));
            List<String> values = words.subList(1, words.size());
            switch (words.get(0)) {
                case "nameserver" ->
                    values.stream()
                            .limit(1)
                            .map(NameFiles::server)
                            .filter(Objects::nonNull)
                            .forEach(addresses::add);
                case "search", "domain" ->
                    searchDomains = values.stream().limit(MAX_SEARCH_DOMAINS).toList();
                case "options" -> ndots = ndots(values, ndots);
                default -> {}
            }
        }
        return new Servers(addresses.stream().distinct().limit(MAX_SERVERS).toList(), searchDomains, ndots);
    }

    private static InetSocketAddress server(String address) {
        boolean isLiteral = NetUtil.isValidIpV4Address(address) || NetUtil.isValidIpV6Address(address);
        InetAddress parsed = isLiteral ? NetUtil.createInetAddressFromIpAddressString(address) : null;
        return parsed == null ? null : new InetSocketAddress(parsed, DNS_PORT);
    }

    private static int ndots(List<String> options, int otherwise) {
        return options.stream()
                .filter(option -> option.matches("ndots:\\d{1,4}"))
                .map(option -> Math.min(MAX_NDOTS, Integer.parseInt(option.substring("ndots:".length()))))
                .reduce(otherwise, (before, last) -> last);
    }
}
