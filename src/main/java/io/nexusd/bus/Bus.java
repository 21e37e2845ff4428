package io.nexusd.bus;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The typed event bus, the only channel between verticles. One instance serves one Vertx.
 *
 * <p>Order: the messages of one sender to one address arrive in the order in which they were sent, and a reply arrives after
 * everything that the answering verticle sent to the caller before it.
 *
 * <p>Flow: the bus has no back-pressure, so senders bound the number of requests in flight.
 *
 * <p>Failures: an exception of a handler is logged and counted; it ends neither the registration of the handler nor the verticle.
 *
 * <p>Immutability: records pass by reference, so that a burst of messages costs as much as one of them. Every record therefore
 * copies its collections in its compact constructor with {@code List.copyOf}, {@code Set.copyOf} or {@code Map.copyOf}, and its
 * other components are immutable. These methods return an immutable collection as it is. The lists of each message are such
 * collections already where it matters (a route is looked up in a cache of immutable lists), so what remains is one copy of an
 * array for each burst.
 */
public final class Bus {
    private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
    private static final int HANDLER_FAILED = 1;

    private final EventBus eventBus;
    private final DeliveryOptions options = answeredWithin(Query.AT_ONCE_MS);
    private final DeliveryOptions patientOptions = answeredWithin(Query.PATIENTLY_MS);

    /** Read by the admin view on another event loop. */
    private final AtomicLong handlerFailures = new AtomicLong();

    private final Spans spans = new Spans();

    public Bus(Vertx vertx) {
        eventBus = vertx.eventBus();
        eventBus.registerCodec(new ReferenceCodec());
    }

    /** Sends the record to every receiver of the address; an address without receivers is no error. */
    public <T> void publish(Address<T> address, T record) {
        eventBus.publish(address.name(), record, options);
    }

    /** Sends a message without content. */
    public void publish(Address<Void> address) {
        eventBus.publish(address.name(), null, options);
    }

    /** Receives on the calling verticle's event loop until that verticle is undeployed. */
    public <T> void on(Address<T> address, Consumer<T> handler) {
        eventBus.<T>localConsumer(address.name(), message -> {
            try {
                handler.accept(message.body());
            } catch (RuntimeException e) {
                failed(address.name(), e);
            }
        });
    }

    /** Receives messages without content; otherwise as {@link #on(Address, Consumer)}. */
    public void on(Address<Void> address, Runnable handler) {
        on(address, nothing -> handler.run());
    }

    /**
     * Sends a request to the verticle that answers the query. The reply arrives on the caller's event loop, after everything that
     * the answering verticle sent to the caller before it. The future fails when no verticle answers the query, when its handler
     * fails, or when the time of the query has passed.
     */
    public <Q, R> Future<R> request(Query<Q, R> query, Q record) {
        DeliveryOptions timed = query.isPatient() ? patientOptions : options;
        return eventBus.<R>request(query.name(), record, timed).map(reply -> reply.body());
    }

    /** Sends a request without content; otherwise as {@link #request(Query, Object)}. */
    public <R> Future<R> request(Query<Void, R> query) {
        return request(query, null);
    }

    /** Answers the query on the calling verticle's event loop. A query has one answering verticle. */
    public <Q, R> void answer(Query<Q, R> query, Function<Q, Future<R>> handler) {
        eventBus.<Q>localConsumer(query.name(), message -> {
            Future<R> reply;
            try {
                reply = handler.apply(message.body());
            } catch (RuntimeException e) {
                failed(query.name(), e);
                reply = Future.failedFuture(e);
            }
            reply.onComplete(result -> {
                if (result.succeeded()) {
                    message.reply(result.result(), options);
                } else {
                    message.fail(HANDLER_FAILED, String.valueOf(result.cause().getMessage()));
                }
            });
        });
    }

    /** Answers requests without content; otherwise as {@link #answer(Query, Function)}. */
    public <R> void answer(Query<Void, R> query, Supplier<Future<R>> handler) {
        answer(query, nothing -> handler.get());
    }

    /** Lets the calling event loop answer every roll call under this name, and sends a first answer now. */
    public void joinRollCall(String name) {
        Lifecycle.Present present = new Lifecycle.Present(name);
        on(Lifecycle.ROLL_CALL, () -> publish(Lifecycle.PRESENT, present));
        publish(Lifecycle.PRESENT, present);
    }

    /** Whether a request failed because no verticle answers the query, as during start and stop. */
    public static boolean isUnanswered(Throwable failure) {
        return failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS;
    }

    /** The tracing of spans, which bypasses the bus. */
    public Spans spans() {
        return spans;
    }

    /** The number of exceptions of handlers since the start. */
    public long handlerFailures() {
        return handlerFailures.get();
    }

    private static DeliveryOptions answeredWithin(long timeoutMs) {
        return new DeliveryOptions()
                .setLocalOnly(true)
                .setCodecName(ReferenceCodec.NAME)
                .setSendTimeout(timeoutMs);
    }

    private void failed(String address, RuntimeException e) {
        handlerFailures.incrementAndGet();
        LOG.error("bus handler failed address={}", address, e);
    }
}
