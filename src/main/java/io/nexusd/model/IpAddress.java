package io.nexusd.model;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * An IP address, equal to every other spelling of it. Its text is canonical: dotted decimal for IPv4, RFC 5952 for IPv6, and for
 * an IPv4-mapped IPv6 address the IPv4 address inside. A zone, the name of the interface behind {@code %}, is kept only where it
 * has a meaning: with link-local IPv6 addresses, on the host that they were written on.
 */
public final class IpAddress {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int GROUPS = 8;
    private static final int MAX_GROUP_DIGITS = 4;
    /** Longest text: eight groups, the last two as IPv4, and a zone. */
    private static final int MAX_LENGTH = 45 + 1 + 64;

    private static final byte[] IPV4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};
    private static final Pattern ZONE = Pattern.compile("[^\\s\\p{Cntrl}%/,\\[\\]]{1,64}");
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,2}");

    private final byte[] bytes;
    private final String zone;

    private IpAddress(byte[] bytes, String zone) {
        boolean isMapped = bytes.length == IPV6_BYTES
                && Arrays.equals(bytes, 0, IPV4_MAPPED.length, IPV4_MAPPED, 0, IPV4_MAPPED.length);
        this.bytes = isMapped ? Arrays.copyOfRange(bytes, IPV4_MAPPED.length, IPV6_BYTES) : bytes;
        this.zone = isIpv6() && isLinkLocal() ? zone : "";
    }

    /** Reads an address without brackets; empty for anything else, names included. */
    public static Optional<IpAddress> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        if (text.indexOf(':') < 0) {
            return Optional.ofNullable(ipv4(text)).map(bytes -> new IpAddress(bytes, ""));
        }
        int percent = text.indexOf('%');
        String zone = percent < 0 ? "" : text.substring(percent + 1);
        if (percent >= 0 && !ZONE.matcher(zone).matches()) {
            return Optional.empty();
        }
        return Optional.ofNullable(ipv6(percent < 0 ? text : text.substring(0, percent)))
                .map(bytes -> new IpAddress(bytes, zone));
    }

    /** Returns the address, with the zone that the system gave it. */
    public static IpAddress of(InetAddress address) {
        String text = address.getHostAddress();
        int percent = text.indexOf('%');
        return new IpAddress(address.getAddress(), percent < 0 ? "" : text.substring(percent + 1));
    }

    /** Returns the canonical text of an address, and a name as it is. */
    public static String canonical(String host) {
        return parse(host).map(IpAddress::toString).orElse(host);
    }

    /** Returns the text without the brackets around an IPv6 address. */
    public static String unbracketed(String host) {
        return host.length() > 2 && host.startsWith("[") && host.endsWith("]") && host.indexOf(':') > 0
                ? host.substring(1, host.length() - 1)
                : host;
    }

    /** Tells whether the host is the address that stands for all addresses of a host, in either family. */
    public static boolean isUnspecified(String host) {
        return parse(host).filter(IpAddress::isUnspecified).isPresent();
    }

    /** Returns the host as another one may use it: a zone names an interface of this host only. */
    public static String withoutZone(String host) {
        return parse(host).map(IpAddress::withoutZone).map(IpAddress::toString).orElse(host);
    }

    public boolean isIpv6() {
        return bytes.length == IPV6_BYTES;
    }

    public boolean isLoopback() {
        return inetAddress().isLoopbackAddress();
    }

    /** Tells whether the address has a meaning on one network only. */
    public boolean isLinkLocal() {
        return inetAddress().isLinkLocalAddress();
    }

    public boolean isUnspecified() {
        return inetAddress().isAnyLocalAddress();
    }

    public boolean isMulticast() {
        return inetAddress().isMulticastAddress();
    }

    /** Tells whether nobody can connect to it as it is: a link-local IPv6 address exists on every interface. */
    public boolean lacksZone() {
        return isIpv6() && isLinkLocal() && zone.isEmpty();
    }

    /** Returns the name or the number of the interface, empty for none. */
    public String zone() {
        return zone;
    }

    /** Returns the address as other hosts may use it. */
    public IpAddress withoutZone() {
        return new IpAddress(bytes, "");
    }

    /** Returns the bytes in network order, 4 or 16. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /**
     * Returns the address with its zone, as sockets take it. Asks the system for the interface, and nobody else.
     *
     * @throws UnknownHostException when the interface does not exist
     */
    public InetAddress forSocket() throws UnknownHostException {
        return zone.isEmpty() ? inetAddress() : InetAddress.getByName(toString());
    }

    private InetAddress inetAddress() {
        try {
            return isIpv6() ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != IPV4_BYTES) {
            return null;
        }
        byte[] bytes = new byte[IPV4_BYTES];
        for (int i = 0; i < IPV4_BYTES; i++) {
            if (!DECIMAL.matcher(parts[i]).matches() || Integer.parseInt(parts[i]) > 255) {
                return null;
            }
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return bytes;
    }

    private static byte[] ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] all = groups(text);
            return all != null && all.length == IPV6_BYTES ? all : null;
        }
        byte[] head = groups(text.substring(0, gap));
        byte[] tail = groups(text.substring(gap + 2));
        boolean isRead = head != null && tail != null && head.length + tail.length < IPV6_BYTES;
        // Only the end of an address may be in dotted decimal.
        if (!isRead || text.substring(0, gap).indexOf('.') >= 0) {
            return null;
        }
        byte[] bytes = Arrays.copyOf(head, IPV6_BYTES);
        System.arraycopy(tail, 0, bytes, IPV6_BYTES - tail.length, tail.length);
        return bytes;
    }

    /** Reads groups of hexadecimal digits between single colons, of which the last may be two in dotted decimal. */
    private static byte[] groups(String text) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] groups = text.split(":", -1);
        if (groups.length > GROUPS) {
            return null;
        }
        byte[] embedded = groups[groups.length - 1].indexOf('.') < 0 ? null : ipv4(groups[groups.length - 1]);
        boolean endsInIpv4 = groups[groups.length - 1].indexOf('.') >= 0;
        if (endsInIpv4 && embedded == null) {
            return null;
        }
        int hexGroups = groups.length - (endsInIpv4 ? 1 : 0);
        byte[] bytes = new byte[hexGroups * 2 + (endsInIpv4 ? IPV4_BYTES : 0)];
        for (int i = 0; i < hexGroups; i++) {
            String group = groups[i];
            boolean isHex = !group.isEmpty()
                    && group.length() <= MAX_GROUP_DIGITS
                    && group.chars().allMatch(c -> c < 128 && Character.digit(c, 16) >= 0);
            if (!isHex) {
                return null;
            }
            int value = Integer.parseInt(group, 16);
            bytes[2 * i] = (byte) (value >> 8);
            bytes[2 * i + 1] = (byte) value;
        }
        if (endsInIpv4) {
            System.arraycopy(embedded, 0, bytes, hexGroups * 2, IPV4_BYTES);
        }
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes) && zone.equals(address.zone);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(bytes), zone);
    }

    @Override
    public String toString() {
        if (!isIpv6()) {
            return (bytes[0] & 255) + "." + (bytes[1] & 255) + "." + (bytes[2] & 255) + "." + (bytes[3] & 255);
        }
        int from = 0;
        int longest = 1;
        for (int i = 0; i < GROUPS; i++) {
            int zeros = zerosFrom(i);
            if (zeros > longest) {
                longest = zeros;
                from = i;
            }
        }
        String text = longest == 1 ? hex(0, GROUPS) : hex(0, from) + "::" + hex(from + longest, GROUPS);
        return zone.isEmpty() ? text : text + "%" + zone;
    }

    private int zerosFrom(int group) {
        int end = group;
        while (end < GROUPS && value(end) == 0) {
            end++;
        }
        return end - group;
    }

    private String hex(int from, int to) {
        StringJoiner text = new StringJoiner(":");
        for (int i = from; i < to; i++) {
            text.add(Integer.toHexString(value(i)));
        }
        return text.toString();
    }

    private int value(int group) {
        return (bytes[2 * group] & 255) << 8 | bytes[2 * group + 1] & 255;
    }
}
