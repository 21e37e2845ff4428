package io.nexusd.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/** A long cable in front of a port of the loopback: what goes in at one end comes out at the other some time later. */
final class Relay implements AutoCloseable {
    private static final int CHUNK_BYTES = 16 * 1024;
    /** What a cable holds at most; then the sender has to wait. */
    private static final int CHUNKS = 256;

    private record Chunk(byte[] bytes, long dueNs) {}

    private final ServerSocket server;
    private final int target;
    private final long delayNs;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean cut;

    Relay(int target, long delayMs) {
        this.target = target;
        this.delayNs = delayMs * 1_000_000;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Lets nothing through until {@link #heal()}; what is on its way waits. */
    void cut() {
        cut = true;
    }

    void heal() {
        cut = false;
    }

    private void accept() throws IOException {
        while (true) {
            Socket near = server.accept();
            sockets.add(near);
            Socket far;
            try {
                far = new Socket(InetAddress.getLoopbackAddress(), target);
            } catch (ConnectException e) {
                // Nobody listens there yet, so nobody answers here.
                near.close();
                continue;
            }
            sockets.add(far);
            carry(near, far);
            carry(far, near);
        }
    }

    private void carry(Socket from, Socket to) {
        BlockingQueue<Chunk> cable = new LinkedBlockingQueue<>(CHUNKS);
        start(() -> {
            byte[] buffer = new byte[CHUNK_BYTES];
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                cable.put(new Chunk(Arrays.copyOf(buffer, count), System.nanoTime() + delayNs));
            }
            cable.put(new Chunk(new byte[0], System.nanoTime() + delayNs));
        });
        start(() -> {
            OutputStream out = to.getOutputStream();
            for (Chunk next = cable.take(); next.bytes().length > 0; next = cable.take()) {
                while (cut || next.dueNs() - System.nanoTime() > 0) {
                    LockSupport.parkNanos(cut ? 1_000_000 : next.dueNs() - System.nanoTime());
                }
                out.write(next.bytes());
            }
            to.close();
        });
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException | InterruptedException e) {
                        // One end was closed; so is the cable.
                        Thread.currentThread().interrupt();
                    }
                },
                "relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
