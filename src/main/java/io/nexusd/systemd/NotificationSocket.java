package io.nexusd.systemd;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The datagram socket to the service manager. The JDK has stream sockets of that family only, so it is one of Netty's native
 * transport, used as a socket alone: no channel, no thread. A send never blocks. Lives on the event loop of its user.
 */
final class NotificationSocket implements AutoCloseable {
    private final Socket socket;
    private final byte[] address;

    private NotificationSocket(Socket socket, byte[] address) {
        this.socket = socket;
        this.address = address;
    }

    /**
     * Opens a socket that sends to the address.
     *
     * @throws IOException when this machine's processor or system has no native transport, or the socket cannot be made
     */
    static NotificationSocket open(String address) throws IOException {
        try {
            Epoll.ensureAvailability();
            return new NotificationSocket(Socket.newSocketDomainDgram(), bytes(address));
        } catch (UnsatisfiedLinkError | RuntimeException e) {
            throw new IOException("no datagram sockets: " + e.getMessage(), e);
        }
    }

    /** In the kernel's form an abstract name begins with a zero byte. */
    private static byte[] bytes(String address) {
        byte[] bytes = address.getBytes(StandardCharsets.UTF_8);
        if (bytes[0] == '@') {
            bytes[0] = 0;
        }
        return bytes;
    }

    /**
     * Sends assignments, a line each.
     *
     * @return false when the receiver's queue is full and nothing was sent
     */
    boolean send(String state) throws IOException {
        byte[] bytes = state.getBytes(StandardCharsets.UTF_8);
        ByteBuffer datagram = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        return socket.sendToDomainSocket(datagram, 0, bytes.length, address) > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
