package io.nexusd.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The wall clock of one daemon, which can be set while the daemon runs: libfaketime (Debian's {@code faketime}) in its process. The
 * monotonic clock is the machine's, as it is when the clock of a host is set.
 */
final class SteppedClock {
    private final Path offset;

    SteppedClock() {
        Needs.FAKETIME.require();
        try {
            offset = Files.createTempFile(LabDaemon.logDirectory(), "clock", ".offset");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        setTo(0);
    }

    /** Lets a daemon run by this clock. */
    LabDaemon.Builder on(LabDaemon.Builder daemon) {
        return daemon.environment("LD_PRELOAD", library().orElseThrow().toString())
                .environment("FAKETIME_TIMESTAMP_FILE", offset.toString())
                .environment("FAKETIME_CACHE_DURATION", "1")
                // Otherwise every timed wait of the JVM ends at once.
                .environment("FAKETIME_FORCE_MONOTONIC_FIX", "0")
                .environment("DONT_FAKE_MONOTONIC", "1")
                .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    /** Sets the clock so many seconds ahead of the machine's; behind it where negative. */
    void setTo(int aheadSeconds) {
        try {
            // In one write, for the library may read at any time.
            Files.writeString(offset, String.format("%+d%n", aheadSeconds));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isInstalled() {
        return library().isPresent();
    }

    private static java.util.Optional<Path> library() {
        return Stream.of("x86_64-linux-gnu", "aarch64-linux-gnu")
                .map(machine -> Path.of("/usr/lib", machine, "faketime/libfaketimeMT.so.1"))
                .filter(Files::isRegularFile)
                .findFirst();
    }
}
