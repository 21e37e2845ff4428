package io.nexusd.systemd;

import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of the environment by which systemd asks a service for notifications, see sd_notify(3) and sd_watchdog_enabled(3). These
 * variables are systemd's, not keys of the configuration.
 *
 * @param socket the address of the notification socket: a path, or an abstract name behind an {@code @}
 * @param watchdogUs the time without a sign of life after which the service is restarted, microseconds; 0 when there is no watchdog
 */
public record ServiceManager(String socket, long watchdogUs) {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    /** Returns the service manager that the environment names; empty where there is none. */
    public static Optional<ServiceManager> of(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (socket.isEmpty()) {
            return Optional.empty();
        }
        if (socket.length() < 2 || "/@".indexOf(socket.charAt(0)) < 0) {
            LOG.warn(
                    "the service manager is not notified: NOTIFY_SOCKET=\"{}\" is neither a path nor an abstract socket",
                    socket);
            return Optional.empty();
        }
        return Optional.of(new ServiceManager(socket, watchdogUs(environment, pid)));
    }

    /** A watchdog of another process, such as a parent whose environment was inherited, is none of this one. */
    private static long watchdogUs(Map<String, String> environment, long pid) {
        String owner = environment.getOrDefault("WATCHDOG_PID", "");
        String us = environment.getOrDefault("WATCHDOG_USEC", "");
        if (us.isEmpty() || (!owner.isEmpty() && !owner.equals(String.valueOf(pid)))) {
            return 0;
        }
        try {
            return Math.max(0, Long.parseLong(us));
        } catch (NumberFormatException e) {
            LOG.warn("the watchdog of the service manager is left alone: WATCHDOG_USEC=\"{}\" is no number", us);
            return 0;
        }
    }
}
