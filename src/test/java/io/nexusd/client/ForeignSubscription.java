package io.nexusd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.nexusd.proto.sidecar.Message;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.ReplayComplete;
import io.nexusd.proto.sidecar.SubscriptionInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A Subscribe call and everything it brought. Reads on until told otherwise. */
public final class ForeignSubscription implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int READ_AHEAD = 64;

    private enum Keeps {
        ALL,
        NO_PAYLOADS,
        NOTHING
    }

    private final ClientCall<?, MessageEvent> call;
    private final List<MessageEvent> events = new ArrayList<>();
    private Status status;
    private boolean paused;
    private Keeps keeps = Keeps.ALL;
    private long received;
    private Message newest;
    private Consumer<Message> onMessage = message -> {};
    private Runnable onEnd = () -> {};
    private Runnable onFirstEvent = () -> {};

    <Q> ForeignSubscription(ClientCall<Q, MessageEvent> call, Q request) {
        this.call = call;
        call.start(new Listener(), new Metadata());
        call.request(READ_AHEAD);
        call.sendMessage(request);
        call.halfClose();
    }

    ForeignSubscription awaitInfo() {
        await("subscription_info")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> {
                    Status ended = status();
                    if (ended != null) {
                        throw new AssertionError("the stream ended with " + ended);
                    }
                    return !events().isEmpty();
                });
        assertThat(events().get(0).hasSubscriptionInfo()).isTrue();
        return this;
    }

    public String id() {
        return events().get(0).getSubscriptionInfo().getSubscriptionId();
    }

    public SubscriptionInfo info() {
        return events().get(0).getSubscriptionInfo();
    }

    public List<String> replayed() {
        return events().stream()
                .filter(MessageEvent::hasReplayMessage)
                .map(event -> event.getReplayMessage().getPayload().toStringUtf8())
                .toList();
    }

    public List<String> retained() {
        return events().stream()
                .filter(MessageEvent::hasRetainedMessage)
                .map(event -> event.getRetainedMessage().getPayload().toStringUtf8())
                .toList();
    }

    public List<ReplayComplete> completions() {
        return events().stream()
                .filter(MessageEvent::hasReplayComplete)
                .map(MessageEvent::getReplayComplete)
                .toList();
    }

    public ForeignSubscription awaitEvents(Predicate<List<MessageEvent>> condition) {
        await("events").atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> condition.test(events()));
        return this;
    }

    public synchronized List<MessageEvent> events() {
        return List.copyOf(events);
    }

    /** Every live message so far, those in batches too, in order. */
    public synchronized List<Message> messages() {
        List<Message> messages = new ArrayList<>();
        for (MessageEvent event : events) {
            if (event.hasMessage()) {
                messages.add(event.getMessage());
            } else if (event.hasMessageBatch()) {
                messages.addAll(event.getMessageBatch().getMessagesList());
            }
        }
        return messages;
    }

    public List<String> payloads() {
        return messages().stream()
                .map(message -> message.getPayload().toStringUtf8())
                .toList();
    }

    public ForeignSubscription awaitMessages(int count) {
        return awaitMessages(count, LIMIT);
    }

    public ForeignSubscription awaitMessages(int count, Duration limit) {
        await(count + " messages")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    Status ended = status();
                    if (ended != null && received() < count) {
                        throw new AssertionError("the stream ended with " + ended + " after " + received());
                    }
                    return received() >= count;
                });
        return this;
    }

    public Status awaitEnd() {
        await("end of the stream").atMost(LIMIT).until(() -> status() != null);
        return status();
    }

    public synchronized Status status() {
        return status;
    }

    /** Keeps no payloads from now on, for more messages than memory holds. */
    public synchronized ForeignSubscription withoutPayloads() {
        keeps = Keeps.NO_PAYLOADS;
        return this;
    }

    /** Only counts from now on, for hours of messages. */
    public synchronized ForeignSubscription counting() {
        keeps = Keeps.NOTHING;
        return this;
    }

    /** Hands each live message from now on to the consumer, on the thread that reads, and keeps none. */
    public synchronized ForeignSubscription toEach(Consumer<Message> consumer) {
        onMessage = consumer;
        return counting();
    }

    /** Returns the live message that came last, null before the first. */
    public synchronized Message newest() {
        return newest;
    }

    /** Returns how many live messages came. */
    public synchronized long received() {
        return received;
    }

    /** Waits for as many live messages, kept or only counted. */
    public ForeignSubscription awaitReceived(long count, Duration limit) {
        await(count + " messages")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> received() >= count);
        return this;
    }

    /** Reads nothing more until {@link #resume()}: HTTP/2 windows fill, and then the daemon's queue. */
    public synchronized void pause() {
        paused = true;
    }

    public synchronized void resume() {
        paused = false;
        call.request(READ_AHEAD);
    }

    /** Runs the action when the stream has ended, at once when it has already. */
    public synchronized void onEnd(Runnable action) {
        if (status != null) {
            action.run();
        } else {
            onEnd = action;
        }
    }

    /** Runs the action when something has arrived, at once when something has already. */
    public synchronized void onFirstEvent(Runnable action) {
        if (!events.isEmpty()) {
            action.run();
        } else {
            onFirstEvent = action;
        }
    }

    public void cancel() {
        call.cancel("the test is done with it", null);
    }

    @Override
    public void close() {
        cancel();
    }

    private final class Listener extends ClientCall.Listener<MessageEvent> {
        @Override
        public void onMessage(MessageEvent event) {
            synchronized (ForeignSubscription.this) {
                if (event.hasMessage()) {
                    take(event.getMessage());
                }
                event.getMessageBatch().getMessagesList().forEach(this::take);
                if (keeps == Keeps.NOTHING && !events.isEmpty()) {
                    if (!paused) {
                        call.request(1);
                    }
                    return;
                }
                boolean strip = keeps == Keeps.NO_PAYLOADS && event.hasMessage();
                events.add(
                        strip
                                ? event.toBuilder()
                                        .setMessage(
                                                event.getMessage().toBuilder().clearPayload())
                                        .build()
                                : event);
                if (events.size() == 1) {
                    onFirstEvent.run();
                }
                if (!paused) {
                    call.request(1);
                }
            }
        }

        private void take(Message message) {
            received++;
            newest = message;
            onMessage.accept(message);
        }

        @Override
        public void onClose(Status closed, Metadata trailers) {
            synchronized (ForeignSubscription.this) {
                status = closed;
                onEnd.run();
            }
        }
    }
}
