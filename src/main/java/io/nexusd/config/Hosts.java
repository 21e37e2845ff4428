package io.nexusd.config;

import io.nexusd.model.IpAddress;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What may stand for a host. Nothing here asks DNS. */
final class Hosts {
    private static final int MAX_NAME_LENGTH = 253;
    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
    private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*\\.?");
    /** A name whose last label is a number is a mistyped IPv4 address, never a host. */
    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?[0-9]+\\.?");

    private Hosts() {}

    static boolean isHost(String text) {
        return isIp(text)
                || (text.length() <= MAX_NAME_LENGTH
                        && NAME.matcher(text).matches()
                        && !ENDS_IN_NUMBER.matcher(text).matches());
    }

    static boolean isIp(String text) {
        return IpAddress.parse(text).isPresent();
    }

    /** Tells whether an IPv6 multicast group has a scope (RFC 7346) that is reserved or ends at the interface. */
    static boolean staysOnHost(IpAddress group) {
        int scope = group.bytes()[1] & 15;
        return scope < 2 || scope == 15;
    }

    /** Tells whether listeners on both addresses would compete for one port. Errs on the side of no when names are given. */
    static boolean overlap(String one, String other) {
        byte[] bytes = bytes(one);
        byte[] otherBytes = bytes(other);
        // The wildcard of either family takes the port of both: the sockets are dual-stack.
        return isZero(bytes)
                || isZero(otherBytes)
                || (bytes.length == 0 ? one.equalsIgnoreCase(other) : Arrays.equals(bytes, otherBytes));
    }

    /** The address in network order; empty for a name other than localhost. */
    private static byte[] bytes(String host) {
        String ip = host.equalsIgnoreCase("localhost") ? "127.0.0.1" : host;
        return IpAddress.parse(ip).map(IpAddress::bytes).orElse(new byte[0]);
    }

    private static boolean isZero(byte[] bytes) {
        return bytes.length > 0 && Arrays.equals(bytes, new byte[bytes.length]);
    }
}
