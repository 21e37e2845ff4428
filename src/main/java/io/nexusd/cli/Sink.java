package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.StandardOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Buffered standard output in UTF-8 whose failures end the command. After the first failure nothing is written any more. */
final class Sink {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final byte[] LINE_END = System.lineSeparator().getBytes(StandardCharsets.UTF_8);

    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int buffered;
    private CommandFailure failure;

    Sink(OutputStream out) {
        this.out = out;
    }

    /**
     * Writes a line.
     *
     * @throws CommandFailure when standard output cannot be written
     */
    void line(String text) {
        // Terminals and programs read UTF-8 today, whatever the locale of a container says.
        line(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes bytes as they are, and a line end. */
    void line(byte[] bytes) {
        write(bytes);
        write(LINE_END);
    }

    void write(byte[] bytes) {
        if (bytes.length > buffer.length - buffered) {
            drain();
            if (bytes.length > buffer.length) {
                send(bytes, bytes.length);
                return;
            }
        }
        System.arraycopy(bytes, 0, buffer, buffered, bytes.length);
        buffered += bytes.length;
    }

    /** Writes what is buffered. */
    void flush() {
        drain();
        try {
            out.flush();
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private void drain() {
        int length = buffered;
        buffered = 0;
        send(buffer, length);
    }

    private void send(byte[] bytes, int length) {
        if (failure != null) {
            throw failure;
        }
        try {
            out.write(bytes, 0, length);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private CommandFailure lost(IOException e) {
        failure = StandardOutput.meaning(e);
        return failure;
    }
}
