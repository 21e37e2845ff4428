package io.nexusd.dialer;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import java.util.Optional;

/**
 * What an SRV record (RFC 2782) says besides priority and weight, which mean nothing where every node is dialed.
 *
 * @param host name with its addresses
 */
record ServiceRecord(String host, int port) {
    /** Priority, weight and port are two bytes each. */
    private static final int FIXED_BYTES = 6;

    private static final int PRIORITY_AND_WEIGHT_BYTES = 4;

    /** Reads the data of a record; empty where it is cut, has no port, or says that there is no such service. */
    static Optional<ServiceRecord> read(ByteBuf data) {
        if (data.readableBytes() <= FIXED_BYTES) {
            return Optional.empty();
        }
        ByteBuf bytes = data.duplicate();
        bytes.skipBytes(PRIORITY_AND_WEIGHT_BYTES);
        int port = bytes.readUnsignedShort();
        String host;
        try {
            host = DefaultDnsRecordDecoder.decodeName(bytes);
        } catch (RuntimeException e) {
            return Optional.empty();
        }
        // A lone dot is the way to say that the service is decidedly not available.
        return port == 0 || host.equals(".") ? Optional.empty() : Optional.of(new ServiceRecord(host, port));
    }
}
