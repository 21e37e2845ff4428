package io.nexusd.cli;

import com.google.protobuf.ByteString;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.wire.CommandFailure;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Publishes a message, or the same one several times. */
@Command(name = "PUBLISH", aliases = "PUB", description = "Publishes a message; prints its id and its receivers.")
final class Publish extends Subcommand {
    @Parameters(index = "0", paramLabel = "topic", description = "Where to publish.")
    private String topic;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "payload|-",
            description = "The message, several words joined by a space; - alone reads standard input to its end.")
    private List<String> payload;

    @Option(names = "--retain", description = "Keep it for later subscribers; an empty payload clears what is kept.")
    private boolean retain;

    @Option(names = "--ttl", paramLabel = "MS", description = "Lifetime, milliseconds; 0 is the daemon's default.")
    private long ttlMs;

    @Option(names = "--header", paramLabel = "k=v", description = "A header; may be repeated.")
    private Map<String, String> headers = Map.of();

    @Option(
            names = {"--content-type", "--type"},
            paramLabel = "T",
            defaultValue = "",
            description = "What the payload is.")
    private String contentType;

    @Option(names = "--count", paramLabel = "N", defaultValue = "1", description = "How many times.")
    private long count;

    @Option(names = "--interval", paramLabel = "MS", description = "Pause between two, milliseconds.")
    private long intervalMs;

    private volatile boolean interrupted;

    @Override
    void run() {
        atLeast("--count", count, 1);
        atLeast("--interval", intervalMs, 0);
        PublishRequest request = request();
        Thread publishing = Thread.currentThread();
        session().onInterrupt(() -> {
            interrupted = true;
            publishing.interrupt();
        });
        try {
            for (long i = 0; i < count && !interrupted && pause(i); i++) {
                publish(request, i == 0);
            }
        } catch (CommandFailure e) {
            if (!interrupted) {
                throw e;
            }
        } finally {
            session().onInterrupt(null);
            // What interrupted this command is not meant for the next one.
            interrupted |= Thread.interrupted();
        }
    }

    private void publish(PublishRequest request, boolean first) {
        PublishResponse response = daemon().sidecar("Publish", request, PublishResponse.parser());
        if (!response.getSuccess()) {
            throw new CommandFailure(CommandFailure.REJECTED, "not published: " + response.getErrorMessage());
        }
        int waiting = response.getSubscribersWaiting();
        // The column is there only where it says something: scripts go by the others.
        Table row = waiting == 0
                ? new Table("id", "receivers", "dropped")
                        .row(response.getMessageId(), response.getSubscriberCount(), response.getSubscribersDropped())
                : new Table("id", "receivers", "dropped", "waiting")
                        .row(
                                response.getMessageId(),
                                response.getSubscriberCount(),
                                response.getSubscribersDropped(),
                                waiting);
        if (first || output().isJson()) {
            output().table(row);
        } else {
            // The header has been shown, and ids are all equally long.
            List<String> lines = row.lines(0, false);
            output().line(lines.get(1));
        }
        output().flush();
    }

    private boolean pause(long sent) {
        try {
            if (sent > 0 && intervalMs > 0) {
                Thread.sleep(intervalMs);
            }
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private PublishRequest request() {
        return PublishRequest.newBuilder()
                .setTopic(topic)
                .setPayload(payload())
                .setContentType(contentType)
                .setRetain(retain)
                .setTtlMs(ttlMs)
                .putAllHeaders(headers)
                .build();
    }

    private ByteString payload() {
        try {
            String text = String.join(" ", payload);
            return text.equals("-") && !isAfterEndOfOptions()
                    ? ByteString.readFrom(session().in())
                    : ByteString.copyFromUtf8(text);
        } catch (IOException e) {
            throw new CommandFailure(CommandFailure.FAILED, "standard input cannot be read: " + e.getMessage());
        }
    }

    /** After a double dash every word is what it is, a lone dash too. */
    private boolean isAfterEndOfOptions() {
        return arguments().contains("--");
    }
}
