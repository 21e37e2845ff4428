package io.nexusd.model;

import java.util.Objects;

/**
 * A host name or IP address and a TCP or UDP port, 1 to 65535. Every spelling of an address makes the same endpoint
 * ({@link IpAddress}); the host has no brackets, the text has.
 */
public record Endpoint(String host, int port) {
    public Endpoint {
        Objects.requireNonNull(host);
        if (host.isBlank()) {
            throw new IllegalArgumentException("host is empty; write host:port");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is outside 1 to 65535");
        }
        host = IpAddress.canonical(host);
    }

    /** Returns where another node says it is: a zone in it names an interface of that node and means nothing here. */
    public static Endpoint advertised(String host, int port) {
        return new Endpoint(IpAddress.withoutZone(host), port);
    }

    /**
     * Reads {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException naming the text, the rule it broke and how to write it
     */
    public static Endpoint parse(String text) {
        return parse(text, "'" + text.trim() + "'");
    }

    /**
     * As {@link #parse(String)}, where the text may hold a secret.
     *
     * @param shown how an error names the text
     */
    public static Endpoint parse(String text, String shown) {
        String trimmed = text.trim();
        if (trimmed.startsWith("[")) {
            return bracketed(trimmed, shown);
        }
        int colon = trimmed.lastIndexOf(':');
        if (colon >= 0 && (isIpv6(trimmed) || isIpv6(trimmed.substring(0, colon)))) {
            throw new IllegalArgumentException(
                    shown + " is an IPv6 address without brackets (write " + suggestion(trimmed, colon) + ")");
        }
        if (colon < 0 || colon == trimmed.length() - 1) {
            throw new IllegalArgumentException(shown + " has no port (write host:port)");
        }
        String host = trimmed.substring(0, colon);
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || "/,[]%:".indexOf(c) >= 0)) {
            throw new IllegalArgumentException(
                    shown + " has no valid host (write host:port, and an IPv6 address in brackets)");
        }
        return new Endpoint(host, port(trimmed.substring(colon + 1), shown));
    }

    private static Endpoint bracketed(String text, String shown) {
        int end = text.indexOf(']');
        if (end < 0) {
            throw new IllegalArgumentException(shown + " has no closing bracket (write [ipv6]:port)");
        }
        String host = text.substring(1, end);
        if (host.endsWith("%")) {
            throw new IllegalArgumentException(
                    shown + " has an empty zone (write the interface after the %, as in [fe80::1%eth0]:port)");
        }
        if (!isIpv6(host)) {
            throw new IllegalArgumentException(shown
                    + " has no IPv6 address in its brackets (write [ipv6]:port, and other hosts without brackets)");
        }
        if (!text.startsWith(":", end + 1) || end + 2 == text.length()) {
            throw new IllegalArgumentException(shown + " has no port (write [" + host + "]:port)");
        }
        return new Endpoint(host, port(text.substring(end + 2), shown));
    }

    private static int port(String digits, String shown) {
        if (digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException(shown + " has no numeric port (write one from 1 to 65535)");
        }
        int port = Integer.parseInt(digits);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException(shown + " has a port outside 1 to 65535");
        }
        return port;
    }

    private static String suggestion(String text, int lastColon) {
        String address = text.substring(0, lastColon);
        boolean endsInPort = isIpv6(address) && text.substring(lastColon + 1).matches("[0-9]{1,5}");
        String withPort = endsInPort ? "[" + address + "]:" + text.substring(lastColon + 1) : "";
        String whole = isIpv6(text) ? "[" + text + "]:port" : "";
        return withPort + (withPort.isEmpty() || whole.isEmpty() ? "" : " or ") + whole;
    }

    private static boolean isIpv6(String text) {
        return text.indexOf(':') >= 0 && IpAddress.parse(text).isPresent();
    }

    /** Returns the host as it is written before a colon and a port, or in a URL: an IPv6 address in brackets. */
    public String bracketedHost() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    @Override
    public String toString() {
        return bracketedHost() + ":" + port;
    }
}
