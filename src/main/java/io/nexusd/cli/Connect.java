package io.nexusd.cli;

import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.nexusd.model.Settings;
import io.nexusd.wire.CommandFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Chooses the daemon that commands go to. */
@Command(name = "CONNECT", description = "Connects to another daemon; commands go to it from then on.")
final class Connect extends Subcommand {
    @Parameters(index = "0", arity = "0..1", paramLabel = "host:port", description = "Where its application port is.")
    private String address;

    @Option(names = "-n", paramLabel = "INDEX", description = "Instead: its number in what DISCOVER shows.")
    private Integer index;

    @Override
    void run() {
        if (address == null && index == null) {
            throw new CommandFailure(CommandFailure.USAGE, "CONNECT needs host:port, or -n and a number of DISCOVER");
        }
        Endpoint wanted = index != null ? Discover.nth(index) : parsed(address);
        DaemonClient daemon = session().connect(wanted);
        output().table(new Table("connected").row(daemon.daemon().toString()));
    }

    /** Accepts a host alone, which means the usual port. */
    private static Endpoint parsed(String text) {
        try {
            String host = IpAddress.unbracketed(text);
            return text.contains(":") && IpAddress.parse(host).isEmpty()
                    ? Endpoint.parse(text)
                    : new Endpoint(host, Settings.App.DEFAULT_PORT);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(CommandFailure.USAGE, "CONNECT needs host:port: " + e.getMessage());
        }
    }

    /** Gives up the connection. */
    @Command(name = "DISCONNECT", description = "Closes the connection.")
    static final class Disconnect extends Subcommand {
        @Override
        void run() {
            session().disconnect();
        }
    }
}
