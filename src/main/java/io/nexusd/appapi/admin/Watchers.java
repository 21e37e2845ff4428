package io.nexusd.appapi.admin;

import com.google.protobuf.ByteString;
import io.nexusd.bus.Bus;
import io.nexusd.bus.Inspection;
import io.nexusd.bus.Inspection.Seen;
import io.nexusd.bus.Inspection.SeenMessage;
import io.nexusd.bus.Inspection.Watching;
import io.nexusd.model.Envelope;
import io.nexusd.model.Topic;
import io.nexusd.proto.admin.WatchEvent;
import io.nexusd.proto.admin.WatchRequest;
import io.nexusd.proto.admin.WatchedMessage;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.MessageBytes;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Those who watch the messages of this node. Each is written to as long as its stream takes more; what comes while it does not
 * is counted and told, so nothing is kept for anybody and nothing waits. Tells the router when the first comes and the last goes.
 * Lives on appapi's event loop.
 */
final class Watchers {
    private static final int MAX_WATCHERS = 64;
    private static final int MAX_FILTERS = 100;

    private final Bus bus;
    private final Set<Watcher> watchers = new LinkedHashSet<>();

    Watchers(Bus bus) {
        this.bus = bus;
        bus.answer(Inspection.SEEN, seen -> {
            List.copyOf(watchers).forEach(watcher -> watcher.show(seen));
            return Future.succeededFuture();
        });
    }

    /** Serves a call until either side ends it. */
    void serve(ServerCall call) {
        MessageBytes[] request = {MessageBytes.EMPTY};
        call.onMessages(messages -> request[0] = messages.get(0));
        call.onHalfClose(() -> begin(call, request[0].parsed(WatchRequest.parser())));
    }

    void endAll(GrpcStatus status, String text) {
        List.copyOf(watchers).forEach(watcher -> watcher.call.end(status, text));
    }

    private void begin(ServerCall call, WatchRequest request) {
        if (watchers.size() >= MAX_WATCHERS) {
            throw new GrpcFailure(GrpcStatus.RESOURCE_EXHAUSTED, MAX_WATCHERS + " others watch already");
        }
        if (request.getFiltersCount() > MAX_FILTERS) {
            throw new GrpcFailure(
                    GrpcStatus.INVALID_ARGUMENT,
                    "filters has " + request.getFiltersCount() + " values; at most " + MAX_FILTERS);
        }
        for (String filter : request.getFiltersList()) {
            Optional<String> problem = Topic.problemWithFilter(filter);
            if (problem.isPresent()) {
                throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, problem.get());
            }
        }
        Watcher watcher = new Watcher(call, List.copyOf(request.getFiltersList()), request.getMaxPayloadBytes());
        watchers.add(watcher);
        if (watchers.size() == 1) {
            bus.publish(Inspection.WATCHING, new Watching(true));
        }
        call.onClosed(reason -> {
            if (watchers.remove(watcher) && watchers.isEmpty()) {
                bus.publish(Inspection.WATCHING, new Watching(false));
            }
        });
        call.onWritable(watcher::tellMissed);
        call.write(GrpcFrames.frame(WatchEvent.getDefaultInstance()));
    }

    /** One who watches. */
    private static final class Watcher {
        final ServerCall call;
        private final List<String> filters;
        private final int maxPayloadBytes;
        private long missed;

        Watcher(ServerCall call, List<String> filters, int maxPayloadBytes) {
            this.call = call;
            this.filters = filters;
            this.maxPayloadBytes = maxPayloadBytes;
        }

        void show(Seen seen) {
            missed += seen.missed();
            Buffer frames = Buffer.buffer();
            for (SeenMessage message : seen.messages()) {
                if (!wants(message.envelope().topic())) {
                    continue;
                }
                // The stream may take a little more than it said, and then no more.
                if (!call.writable() || frames.length() > WRITE_BYTES) {
                    flush(frames);
                    frames = Buffer.buffer();
                }
                if (!call.writable()) {
                    missed++;
                    continue;
                }
                frames.appendBuffer(GrpcFrames.frame(event(message)));
                missed = 0;
            }
            flush(frames);
        }

        void tellMissed() {
            if (missed > 0 && call.writable()) {
                call.write(GrpcFrames.frame(
                        WatchEvent.newBuilder().setMissed(missed).build()));
                missed = 0;
            }
        }

        private static final int WRITE_BYTES = 64 * 1024;

        private void flush(Buffer frames) {
            if (frames.length() > 0) {
                call.write(frames);
            }
        }

        private boolean wants(String topic) {
            return filters.isEmpty() || filters.stream().anyMatch(filter -> Topic.matches(filter, topic));
        }

        private WatchEvent event(SeenMessage seen) {
            Envelope envelope = seen.envelope();
            ByteString payload = envelope.payload();
            ByteString shown = maxPayloadBytes > 0 && payload.size() > maxPayloadBytes
                    ? payload.substring(0, maxPayloadBytes)
                    : payload;
            WatchedMessage message = WatchedMessage.newBuilder()
                    .setMessageId(envelope.messageId())
                    .setTopic(envelope.topic())
                    .setPayload(shown)
                    .setPayloadBytes(payload.size())
                    .setContentType(envelope.contentType())
                    .setTimestampMs(envelope.timestampMs())
                    .setSourceNodeId(envelope.source())
                    .setCorrelationId(envelope.correlationId())
                    .setRetain(envelope.retain())
                    .setTtlMs(envelope.ttlMs())
                    .putAllHeaders(envelope.headers())
                    .setFromPeer(seen.fromPeer())
                    .setSubscriptions(seen.subscriptions())
                    .setPeers(seen.peers())
                    .build();
            return WatchEvent.newBuilder().setMessage(message).setMissed(missed).build();
        }
    }
}
