package io.nexusd.bus;

/** The components that exchange messages over the bus. Each is named after its package below {@code io.nexusd}. */
public enum Component {
    ADMIN,
    APPAPI,
    CONFIG,
    DIALER,
    DISCOVERY,
    GOSSIP,
    LAUNCH,
    MESHAPI,
    ROUTING,
    SYSTEMD,
    TRACING
}
