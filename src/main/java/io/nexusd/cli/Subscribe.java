package io.nexusd.cli;

import com.google.protobuf.ByteString;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.wire.ClientCall;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows messages as they arrive. */
@Command(name = "SUBSCRIBE", aliases = "SUB", description = "Shows messages as they arrive; Ctrl-C ends it.")
final class Subscribe implements Callable<Integer> {
    @ParentCommand
    private Cli cli;

    @Parameters(
            arity = "1..*",
            paramLabel = "filter",
            description = "Topic filters: + is one level, a final # the rest.")
    private List<String> filters;

    @Option(names = "--count", paramLabel = "N", description = "End after so many messages.")
    private long count;

    @Option(names = "--timeout", paramLabel = "MS", description = "End after so long; with --count, as timed out.")
    private long limitMs;

    @Option(names = "--raw", description = "Only the payloads, as they are.")
    private boolean raw;

    @Option(names = "--ready", description = "Say on standard error when the subscription has begun.")
    private boolean ready;

    @Override
    public Integer call() throws InterruptedException {
        BlockingQueue<Callable<Boolean>> steps = new LinkedBlockingQueue<>();
        SubscribeRequest request = SubscribeRequest.newBuilder()
                .addAllTopics(filters)
                .setClientId("nexusd-cli")
                .build();
        try (DaemonClient daemon = cli.connect()) {
            ClientCall call = daemon.open(
                    "Subscribe",
                    request,
                    opened -> opened.onMessages(events -> events.forEach(event -> steps.add(() -> show(event))))
                            .onEnd((status, text) -> steps.add(() -> end(status, text, daemon))));
            Thread ctrlC = new Thread(call::cancel, "unsubscribe");
            Runtime.getRuntime().addShutdownHook(ctrlC);
            long deadlineNs = limitMs == 0 ? Long.MAX_VALUE : System.nanoTime() + limitMs * 1_000_000;
            while (true) {
                Callable<Boolean> step = limitMs == 0
                        ? steps.take()
                        : steps.poll(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (step == null) {
                    return timedOut();
                }
                if (step.call()) {
                    return 0;
                }
                if (steps.isEmpty()) {
                    daemon.onEventLoop(call::resume);
                }
            }
        } catch (RuntimeException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private int timedOut() {
        if (count > 0) {
            throw new CommandFailure(CommandFailure.TIMED_OUT, count + " more messages did not arrive in time");
        }
        return 0;
    }

    private boolean end(GrpcStatus status, String text, DaemonClient daemon) {
        if (status == GrpcStatus.OK) {
            return true;
        }
        throw CommandFailure.of(status, text, daemon.daemon().toString());
    }

    /** Tells whether this was the last one wanted. */
    private boolean show(ByteString bytes) {
        MessageEvent event = DaemonClient.parsed(MessageEvent.parser(), bytes);
        Output output = cli.output();
        if (event.hasSubscriptionInfo() && ready) {
            output.note("ready " + event.getSubscriptionInfo().getSubscriptionId());
        } else if (event.hasBackpressureWarning()) {
            output.note("lost: " + event.getBackpressureWarning().getMessagesDropped() + " dropped, "
                    + event.getBackpressureWarning().getMessagesExpired() + " expired");
        } else if (event.hasMessage()) {
            show(event.getMessage(), output);
            return count > 0 && --count == 0;
        }
        return false;
    }

    private void show(Message message, Output output) {
        if (raw) {
            output.raw(message.getPayload().toByteArray());
        } else if (output.isJson()) {
            JsonObject headers = new JsonObject();
            message.getHeadersMap().forEach(headers::put);
            output.line(new JsonObject()
                    .put("id", message.getMessageId())
                    .put("topic", message.getTopic())
                    .put("payload", message.getPayload().toStringUtf8())
                    .put("content_type", message.getContentType())
                    .put("timestamp_ms", message.getTimestampMs())
                    .put("source", message.getSourceNodeId())
                    .put("headers", headers));
        } else {
            output.line(Output.safe(message.getTopic()) + "  "
                    + Output.safe(message.getPayload().toStringUtf8()));
        }
    }
}
