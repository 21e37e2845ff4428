package io.nexusd.routing;

import io.nexusd.model.Envelope;
import java.util.HashMap;
import java.util.Map;

/**
 * The numbers of messages that come to this node for members of groups alone. The numbers of a topic count what the subscriptions
 * without a group get, so such a message takes a new one only where there are none of these: otherwise they would miss a number, and
 * a resume would replay a message that they have. Made for one burst, whose messages on a topic share one look at the history. Lives
 * on router's event loop.
 */
final class GroupNumbers {
    private final History history;
    private final RouteTable routes;
    private final Map<String, Known> knownByTopic = new HashMap<>();

    /** The numbers of a topic as far as the history has been looked at. */
    private static final class Known {
        final Map<String, Long> numberById = new HashMap<>();
        long upTo;
    }

    GroupNumbers(History history, RouteTable routes) {
        this.history = history;
        this.routes = routes;
    }

    /** Returns the number of a message that comes for the first time; 0 for none. */
    long ofNew(Envelope envelope) {
        boolean free = routes.route(envelope.topic()).subscriptions().isEmpty();
        return free ? history.record(envelope) : 0;
    }

    /** Returns the number of a message that another member did not get: the one it has here where there is one; 0 for none. */
    long ofHandedOver(Envelope envelope) {
        String topic = envelope.topic();
        Known known = knownByTopic.computeIfAbsent(topic, t -> new Known());
        long last = history.lastSequence(topic);
        if (last > known.upTo) {
            history.addNumbersAbove(topic, known.upTo, known.numberById);
            known.upTo = last;
        }
        Long number = known.numberById.get(envelope.messageId());
        return number == null ? ofNew(envelope) : number;
    }
}
