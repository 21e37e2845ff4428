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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The typed event bus, the only way by which verticles talk. Records pass by reference and must be deeply immutable. What a
 * handler throws is logged and counted and ends nothing. Messages of one sender to one address arrive in order. There is no
 * back-pressure: senders bound what they have under way. One instance serves one Vertx.
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

    /** Sends the record to every receiver of the address; nobody listening is not an error. */
    public <T> void publish(Address<T> address, T record) {
        eventBus.publish(address.name(), record, options);
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

    /**
     * Asks the verticle that owns the query. The reply arrives on the caller's event loop, after everything that verticle
     * sent to the caller before it answered. Fails when nobody answers, the handler fails, or the query's time is over.
     */
    public <Q, R> Future<R> request(Query<Q, R> query, Q record) {
        DeliveryOptions timed = query.isPatient() ? patientOptions : options;
        return eventBus.<R>request(query.name(), record, timed).map(reply -> reply.body());
    }

    /** Answers the query on the calling verticle's event loop. Only one verticle may answer a query. */
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

    /** Has the calling verticle answer every roll call in the name of its room, beginning with a first answer now. */
    public void joinRollCall(String room) {
        Lifecycle.Present present = new Lifecycle.Present(room);
        on(Lifecycle.ROLL_CALL, call -> publish(Lifecycle.PRESENT, present));
        publish(Lifecycle.PRESENT, present);
    }

    /** Tells whether the failure of a request means that no verticle answers the query now, as during start and stop. */
    public static boolean isUnanswered(Throwable failure) {
        return failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS;
    }

    /** Returns the way to trace spans, which go beside the bus. */
    public Spans spans() {
        return spans;
    }

    /** Returns how many handlers have thrown since the start. */
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
