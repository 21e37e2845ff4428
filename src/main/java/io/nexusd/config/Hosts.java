package io.nexusd.config;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
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
        // The longest form is an IPv6 address with an embedded IPv4 one and a zone.
        return text.length() <= 80
                && !text.startsWith("[")
                && (NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text));
    }

    static boolean isMulticast(String text) {
        if (!isIp(text)) {
            return false;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            return bytes != null && InetAddress.getByAddress(bytes).isMulticastAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    static String unbracketed(String text) {
        return text.startsWith("[")
                        && text.endsWith("]")
                        && text.length() > 2
                        && NetUtil.isValidIpV6Address(text.substring(1, text.length() - 1))
                ? text.substring(1, text.length() - 1)
                : text;
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
        byte[] bytes = isIp(ip) ? NetUtil.createByteArrayFromIpAddressString(ip) : null;
        return bytes == null ? new byte[0] : bytes;
    }

    private static boolean isZero(byte[] bytes) {
        return bytes.length > 0 && Arrays.equals(bytes, new byte[bytes.length]);
    }
}
