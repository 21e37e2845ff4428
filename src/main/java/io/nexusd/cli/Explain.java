package io.nexusd.cli;

import io.nexusd.proto.admin.ExplainRequest;
import io.nexusd.proto.admin.ExplainResponse;
import io.nexusd.proto.admin.ExplainedGroup;
import io.nexusd.proto.admin.ExplainedPeer;
import io.nexusd.proto.admin.ExplainedSubscription;
import io.nexusd.proto.admin.RetainedInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Who would get a message, and why. */
@Command(name = "EXPLAIN", description = "Who would get a message on a topic that was published here now, and why.")
final class Explain extends Subcommand {
    @Parameters(paramLabel = "topic", description = "A topic, without wildcards.")
    private String topic;

    @Override
    void run() {
        ExplainResponse answer = daemon().admin(
                        "Explain", ExplainRequest.newBuilder().setTopic(topic).build(), ExplainResponse.parser());
        Table table = new Table("kind", "receiver", "why", "filters=by filter");
        answer.getSubscriptionsList().stream()
                .sorted(Comparator.comparing(ExplainedSubscription::getSubscriptionId))
                .forEach(one -> table.row(
                        "subscription",
                        one.getSubscriptionId(),
                        one.getState().equals("streaming")
                                ? "subscribed here"
                                : "subscribed here, " + one.getState() + ": kept for when it resumes",
                        List.copyOf(one.getFiltersList())));
        answer.getPeersList().stream()
                .sorted(Comparator.comparing(ExplainedPeer::getName)
                        .thenComparing(ExplainedPeer::getEndpoint)
                        .thenComparing(ExplainedPeer::getInstanceUuid))
                .forEach(one -> table.row(
                        "peer",
                        one.getName().isEmpty() ? one.getEndpoint() : one.getName(),
                        one.getLinked() ? "subscribed there" : "subscribed there, no link now: waits for one",
                        List.copyOf(one.getFiltersList())));
        answer.getGroupsList().stream()
                .sorted(Comparator.comparing(ExplainedGroup::getGroup).thenComparing(ExplainedGroup::getFilter))
                .forEach(one -> table.row("group", one.getNext(), why(one), List.of(one.getFilter())));
        if (answer.hasRetained()) {
            RetainedInfo retained = answer.getRetained();
            table.row(
                    "retained",
                    "later subscribers",
                    Text.bytes(retained.getPayloadBytes()) + " of " + Instant.ofEpochMilli(retained.getTimestampMs())
                            + ", " + retained.getMessageId(),
                    List.of());
        }
        int waiting = waiting(answer);
        int receivers = answer.getSubscriptionsCount() - waiting + answer.getPeersCount() + answer.getGroupsCount();
        if (!table.isEmpty() || output().isJson()) {
            output().table(table);
        }
        output().note((receivers == 0 ? "nobody would get it" : Text.count(receivers, "receiver"))
                + (waiting == 0 ? "" : ", " + waiting + " waiting without a stream")
                + "; with --retain it would go to all " + Text.count(answer.getPeersIfRetained(), "peer"));
    }

    /** Returns how many of the subscriptions have no stream. */
    static int waiting(ExplainResponse answer) {
        return (int) answer.getSubscriptionsList().stream()
                .filter(one -> !one.getState().equals("streaming"))
                .count();
    }

    private static String why(ExplainedGroup group) {
        List<String> members = new ArrayList<>();
        if (group.getSubscriptionIdsCount() > 0) {
            members.add(group.getSubscriptionIdsCount() + " here");
        }
        if (group.getNodesCount() > 0) {
            members.add("some on "
                    + String.join(", ", group.getNodesList().stream().sorted().toList()));
        }
        return "next in group " + group.getGroup() + " (" + String.join(", ", members) + ")"
                + (group.getNextIsLocal() && group.getNodesCount() > 0 ? ": one here goes first" : "");
    }
}
