package io.nexusd.cli;

import io.nexusd.model.Endpoint;
import io.nexusd.model.Settings;
import io.nexusd.wire.CommandFailure;
import java.io.InputStream;

/**
 * What commands share: the daemon they speak to, the connection to it once one is needed, where they read and write, and what
 * Ctrl-C does. Used by the thread that runs the commands; only {@link #interrupt} is for others.
 */
final class Session implements AutoCloseable {
    static final int USUAL_TIMEOUT_MS = 5000;

    private final InputStream in;
    private Output output;
    private Endpoint target = new Endpoint("127.0.0.1", Settings.App.DEFAULT_PORT);
    private int timeoutMs = USUAL_TIMEOUT_MS;
    private boolean mayConnect = true;
    private boolean over;
    private DaemonClient client;
    private volatile Runnable onInterrupt;

    Session(InputStream in, Output output) {
        this.in = in;
        this.output = output;
    }

    /** Returns the connection; the first command that needs one makes it. */
    DaemonClient daemon() {
        if (client != null && client.isOpen()) {
            return client;
        }
        if (!mayConnect) {
            throw new CommandFailure(
                    CommandFailure.USAGE, "not connected; CONNECT host:port first, or leave out --no-connect");
        }
        disconnect();
        mayConnect = true;
        client = new DaemonClient(target, timeoutMs);
        client.onIncomplete(text -> output.note(text));
        return client;
    }

    /** Speaks to this daemon from now on. */
    DaemonClient connect(Endpoint daemon) {
        disconnect();
        target = daemon;
        mayConnect = true;
        return daemon();
    }

    /** Speaks to nobody until the next CONNECT. */
    void disconnect() {
        if (client != null) {
            client.close();
            client = null;
        }
        mayConnect = false;
    }

    boolean isConnected() {
        return client != null && client.isOpen();
    }

    Endpoint target() {
        return target;
    }

    void target(Endpoint daemon) {
        if (!daemon.equals(target)) {
            boolean connect = mayConnect;
            disconnect();
            target = daemon;
            mayConnect = connect;
        }
    }

    void mayConnect(boolean may) {
        mayConnect = may;
    }

    int timeoutMs() {
        return timeoutMs;
    }

    void timeoutMs(int ms) {
        timeoutMs = ms;
        if (client != null) {
            client.timeoutMs(ms);
        }
    }

    Output output() {
        return output;
    }

    void output(Output other) {
        output = other;
    }

    InputStream in() {
        return in;
    }

    /** The prompt is to end. */
    void quit() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    /** Sets what Ctrl-C does while a command runs that ends by it; null for nothing of its own. */
    void onInterrupt(Runnable handler) {
        onInterrupt = handler;
    }

    /** Ctrl-C: tells whether the command takes it for its end. Called on any thread. */
    boolean interrupt() {
        Runnable handler = onInterrupt;
        if (handler != null) {
            handler.run();
        }
        return handler != null;
    }

    @Override
    public void close() {
        output.close();
        disconnect();
    }
}
