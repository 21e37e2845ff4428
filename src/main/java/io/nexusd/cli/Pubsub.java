package io.nexusd.cli;

import io.nexusd.proto.admin.ExplainRequest;
import io.nexusd.proto.admin.ExplainResponse;
import io.nexusd.proto.admin.GetRetainedRequest;
import io.nexusd.proto.admin.GetRetainedResponse;
import io.nexusd.proto.admin.GetTopicsRequest;
import io.nexusd.proto.admin.GetTopicsResponse;
import io.nexusd.proto.admin.RetainedInfo;
import io.nexusd.proto.admin.TopicInterest;
import io.nexusd.wire.CommandFailure;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is subscribed and retained. */
@Command(
        name = "PUBSUB",
        description = "What is subscribed and retained; TOPICS unless another is named.",
        subcommands = {Pubsub.Topics.class, Pubsub.NumSub.class, Pubsub.Retained.class})
final class Pubsub implements CommandGroup {
    @Override
    public String usualCommand() {
        return "TOPICS";
    }

    /** Filters and who holds them. */
    @Command(
            name = "TOPICS",
            description = "Topic filters, with subscriptions here and nodes elsewhere that hold each.")
    static final class Topics extends Subcommand {
        @Override
        void run() {
            Table table = new Table("topic", "group", "subscriptions", "peers", "messages", "retained");
            try {
                GetTopicsResponse topics =
                        daemon().admin("GetTopics", GetTopicsRequest.getDefaultInstance(), GetTopicsResponse.parser());
                for (TopicInterest topic : topics.getTopicsList()) {
                    table.row(
                            topic.getFilter(),
                            topic.getGroup(),
                            topic.getSubscriptions(),
                            topic.getPeers(),
                            topic.hasMessages() ? topic.getMessages() : null,
                            topic.hasRetained()
                                    ? Cell.of(topic.getRetained(), topic.getRetained() ? "yes" : "no")
                                    : null);
                }
            } catch (CommandFailure e) {
                if (!e.isWithheld()) {
                    throw e;
                }
                whatApplicationsMayKnow().forEach((topic, count) -> table.row(topic, null, count, null, null, null));
                output().note("only what every application may know: " + e.getMessage());
            }
            output().table(table);
        }

        private Map<String, Integer> whatApplicationsMayKnow() {
            var request = io.nexusd.proto.sidecar.GetTopicsRequest.newBuilder()
                    .setIncludeCounts(true)
                    .build();
            return new TreeMap<>(
                    daemon().sidecar("GetTopics", request, io.nexusd.proto.sidecar.GetTopicsResponse.parser())
                            .getTopicsMap());
        }
    }

    /** How many would get a message. */
    @Command(name = "NUMSUB", description = "How many subscriptions, peers and groups a message on a topic is for.")
    static final class NumSub extends Subcommand {
        @Parameters(arity = "1..*", paramLabel = "topic", description = "Topics, without wildcards.")
        private List<String> topics;

        @Override
        void run() {
            List<ExplainResponse> answers = topics.stream()
                    .map(topic -> daemon().admin(
                                    "Explain",
                                    ExplainRequest.newBuilder().setTopic(topic).build(),
                                    ExplainResponse.parser()))
                    .toList();
            // The column is there only where it says something: scripts go by the others.
            boolean waits = answers.stream().anyMatch(answer -> Explain.waiting(answer) > 0);
            Table table = waits
                    ? new Table("topic", "subscriptions", "peers", "groups", "waiting")
                    : new Table("topic", "subscriptions", "peers", "groups");
            for (int i = 0; i < answers.size(); i++) {
                ExplainResponse answer = answers.get(i);
                int waiting = Explain.waiting(answer);
                int subscriptions = answer.getSubscriptionsCount() - waiting;
                if (waits) {
                    table.row(topics.get(i), subscriptions, answer.getPeersCount(), answer.getGroupsCount(), waiting);
                } else {
                    table.row(topics.get(i), subscriptions, answer.getPeersCount(), answer.getGroupsCount());
                }
            }
            output().table(table);
        }
    }

    /** What is retained. */
    @Command(name = "RETAINED", description = "Retained messages.")
    static final class Retained extends Subcommand {
        @Parameters(
                arity = "0..1",
                defaultValue = "",
                paramLabel = "filter",
                description = "Only on topics that match.")
        private String filter;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many; 1000 unless given.")
        private int limit;

        @Override
        void run() {
            GetRetainedRequest request = GetRetainedRequest.newBuilder()
                    .setFilter(filter)
                    .setLimit(limit)
                    .build();
            GetRetainedResponse retained = daemon().admin("GetRetained", request, GetRetainedResponse.parser());
            Table table = new Table(
                    "topic",
                    "bytes=size",
                    "content_type",
                    "timestamp_ms=published",
                    "ttl_ms=rest of life",
                    "id~",
                    "source~");
            for (RetainedInfo message : retained.getMessagesList()) {
                table.row(
                        message.getTopic(),
                        Cell.bytes(message.getPayloadBytes()),
                        message.getContentType(),
                        Cell.of(
                                message.getTimestampMs(),
                                Instant.ofEpochMilli(message.getTimestampMs()).toString()),
                        message.getRemainingMs() == 0 ? null : Cell.duration(message.getRemainingMs()),
                        message.getMessageId(),
                        message.getSourceNodeId());
            }
            output().table(table);
            if (retained.getMore()) {
                output().note("there are more; see --limit");
            }
        }
    }
}
