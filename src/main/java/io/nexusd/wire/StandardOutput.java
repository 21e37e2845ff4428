package io.nexusd.wire;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The standard output of the process, unbuffered. Unlike a {@link java.io.PrintStream} it does not swallow a failed write: the first
 * one is kept for the exit code, and later writes fail at once. Thread-safe.
 */
public final class StandardOutput extends OutputStream {
    private static final Path FILE = Path.of("/dev/stdout");
    private static final int TYPE_MASK = 0xF000;
    private static final int TYPE_PIPE = 0x1000;
    private static final int TYPE_SOCKET = 0xC000;

    private final OutputStream stream = new FileOutputStream(FileDescriptor.out);
    private volatile IOException failure;

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            stream.write(bytes, from, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /** Returns what the first failed write means for the command; empty while all succeeded. */
    public Optional<CommandFailure> failure() {
        return Optional.ofNullable(failure).map(StandardOutput::meaning);
    }

    /**
     * Returns what a failed write to standard output means: nothing to complain about where the reader of a pipe has closed it, such
     * as {@code head}; otherwise that the output is incomplete.
     */
    public static CommandFailure meaning(IOException e) {
        String text = String.valueOf(e.getMessage());
        // The text may be in the language of the user; a pipe has no other failure.
        boolean closed = text.toLowerCase(Locale.ROOT).contains("broken pipe") || isPipe();
        return closed
                ? new CommandFailure(CommandFailure.PIPE_CLOSED, "standard output was closed by its reader")
                : new CommandFailure(CommandFailure.FAILED, "standard output cannot be written: " + text);
    }

    /** Tells whether standard output is a pipe or a socket. */
    public static boolean isPipe() {
        try {
            int type = (int) Files.getAttribute(FILE, "unix:mode") & TYPE_MASK;
            return type == TYPE_PIPE || type == TYPE_SOCKET;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            // Not a system that can tell.
            return false;
        }
    }
}
