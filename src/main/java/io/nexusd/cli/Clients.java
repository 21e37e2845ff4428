package io.nexusd.cli;

import io.nexusd.proto.admin.Client;
import io.nexusd.proto.admin.GetClientsRequest;
import io.nexusd.proto.admin.GetClientsResponse;
import io.nexusd.wire.CommandFailure;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The subscriptions of this node's applications. */
@Command(
        name = "CLIENT",
        description = "The subscriptions of this node's applications; LIST unless another is named.",
        subcommands = {Clients.ListAll.class, Clients.InfoOf.class})
final class Clients implements CommandGroup {
    @Override
    public String usualCommand() {
        return "LIST";
    }

    private static List<Client> ask(DaemonClient daemon) {
        return daemon
                .admin("GetClients", GetClientsRequest.getDefaultInstance(), GetClientsResponse.parser())
                .getClientsList()
                .stream()
                .sorted(Comparator.comparingLong(Client::getCreatedMs).thenComparing(Client::getSubscriptionId))
                .toList();
    }

    /** All of them. */
    @Command(
            name = "LIST",
            description = "Subscriptions with what waits for them, what they lost, and how old they are.")
    static final class ListAll extends Subcommand {
        @Override
        void run() {
            Table table = new Table(
                    "id~",
                    "state",
                    "topics",
                    "group",
                    "queue_depth=queue",
                    "queue_limit=limit",
                    "delivered",
                    "dropped",
                    "expired",
                    "missed",
                    "age_ms=age",
                    "address");
            for (Client client : ask(daemon())) {
                table.row(
                        client.getSubscriptionId(),
                        Cell.state(client.getState()),
                        List.copyOf(client.getTopicsList()),
                        client.getGroup(),
                        client.getQueueDepth(),
                        client.getQueueLimit(),
                        client.getDelivered(),
                        client.getDropped(),
                        client.getExpired(),
                        client.getMissed(),
                        Cell.duration(client.getNowMs() - client.getCreatedMs()),
                        client.getAddress());
            }
            output().table(table);
        }
    }

    /** One of them. */
    @Command(name = "INFO", description = "One subscription.")
    static final class InfoOf extends Subcommand {
        @Parameters(paramLabel = "id", description = "Its id, or a part of it that only one has.")
        private String id;

        @Override
        void run() {
            List<Client> all = ask(daemon());
            List<Client> found = all.stream()
                    .filter(one -> one.getSubscriptionId().equals(id))
                    .toList();
            if (found.isEmpty()) {
                found = all.stream()
                        .filter(one -> one.getSubscriptionId().contains(id))
                        .toList();
            }
            if (found.size() != 1) {
                throw new CommandFailure(
                        CommandFailure.REJECTED,
                        found.isEmpty()
                                ? "no subscription has the id '" + id + "'; CLIENT LIST shows all"
                                : Text.count(found.size(), "subscription") + " have '" + id
                                        + "' in their ids; give more of it");
            }
            show(found.get(0));
        }

        private void show(Client client) {
            output().fields(new Fields()
                    .add("id", client.getSubscriptionId())
                    .add("state", Cell.state(client.getState()))
                    .add("topics", List.copyOf(client.getTopicsList()))
                    .add("group", client.getGroup())
                    .add("address", client.getAddress())
                    .add("age_ms", Cell.duration(client.getNowMs() - client.getCreatedMs()))
                    .add("queue_depth", client.getQueueDepth())
                    .add("queue_limit", client.getQueueLimit())
                    .add("delivered", client.getDelivered())
                    .add("dropped", client.getDropped())
                    .add("expired", client.getExpired())
                    .add("missed", client.getMissed())
                    .add("batches", client.getBatches())
                    .add("retained", client.getRetained()));
        }
    }
}
