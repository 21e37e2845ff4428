package io.nexusd.scale;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many files and sockets a process may have open. */
final class Descriptors {
    private Descriptors() {}

    /** Returns the limit, which processes started from here inherit. */
    static long limit() {
        return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                .getMaxFileDescriptorCount();
    }
}
