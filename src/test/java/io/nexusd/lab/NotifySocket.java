package io.nexusd.lab;

import io.netty.channel.unix.DomainDatagramSocketAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The service manager's end of the notification socket. */
public final class NotifySocket implements AutoCloseable {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    private final List<String> received = new ArrayList<>();
    private final Socket socket;

    /** Binds the socket to a path, or to an abstract name behind an {@code @}. */
    public NotifySocket(String address) {
        Needs.NATIVE_SOCKETS.require();
        socket = Socket.newSocketDomainDgram();
        try {
            socket.bind(new DomainSocketAddress(address.startsWith("@") ? "\0" + address.substring(1) : address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that came so far, a datagram each. */
    public List<String> received() {
        try {
            DomainDatagramSocketAddress from = socket.recvFromDomainSocket(buffer, 0, buffer.capacity());
            while (from != null) {
                byte[] bytes = new byte[from.receivedAmount()];
                buffer.get(0, bytes);
                received.add(new String(bytes, StandardCharsets.UTF_8));
                from = socket.recvFromDomainSocket(buffer, 0, buffer.capacity());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(received);
    }

    /** How many datagrams came so far with this assignment. */
    public long count(String assignment) {
        return received().stream()
                .filter(one -> one.lines().toList().contains(assignment))
                .count();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
