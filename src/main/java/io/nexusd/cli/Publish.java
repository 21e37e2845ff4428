package io.nexusd.cli;

import com.google.protobuf.ByteString;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Publishes a message, or the same one several times. */
@Command(name = "PUBLISH", aliases = "PUB", description = "Publishes a message; prints its id and its receivers.")
final class Publish implements Callable<Integer> {
    @ParentCommand
    private Cli cli;

    @Parameters(index = "0", paramLabel = "topic", description = "Where to publish.")
    private String topic;

    @Parameters(index = "1", paramLabel = "payload|-", description = "The message; - reads standard input to its end.")
    private String payload;

    @Option(names = "--retain", description = "Keep it for later subscribers.")
    private boolean retain;

    @Option(names = "--ttl", paramLabel = "MS", description = "Lifetime, milliseconds; 0 is the daemon's default.")
    private long ttlMs;

    @Option(names = "--header", paramLabel = "k=v", description = "A header; may be repeated.")
    private Map<String, String> headers = Map.of();

    @Option(names = "--content-type", paramLabel = "T", defaultValue = "", description = "What the payload is.")
    private String contentType;

    @Option(names = "--count", paramLabel = "N", defaultValue = "1", description = "How many times.")
    private long count;

    @Option(names = "--interval", paramLabel = "MS", description = "Pause between two, milliseconds.")
    private long intervalMs;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ByteString bytes = payload.equals("-") ? ByteString.readFrom(cli.in()) : ByteString.copyFromUtf8(payload);
        PublishRequest request = PublishRequest.newBuilder()
                .setTopic(topic)
                .setPayload(bytes)
                .setContentType(contentType)
                .setRetain(retain)
                .setTtlMs(ttlMs)
                .putAllHeaders(headers)
                .build();
        try (DaemonClient daemon = cli.connect()) {
            for (long i = 0; i < count; i++) {
                if (i > 0 && intervalMs > 0) {
                    Thread.sleep(intervalMs);
                }
                PublishResponse response = daemon.call("Publish", request, PublishResponse.parser());
                cli.output()
                        .table(
                                List.of("id", "receivers"),
                                List.of(List.of(response.getMessageId(), response.getSubscriberCount())));
            }
            return 0;
        }
    }
}
