package io.nexusd.dialer;

import io.nexusd.model.Endpoint;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Whether everything that was configured has been tried once. */
final class FirstRound {
    private final Set<Endpoint> untried = new HashSet<>();
    private boolean over;

    void expect(Collection<Endpoint> endpoints) {
        untried.addAll(endpoints);
    }

    void tried(Endpoint endpoint) {
        untried.remove(endpoint);
    }

    /** Tells, once, that nothing is untried any more. */
    boolean endsNow() {
        return untried.isEmpty() && finish();
    }

    /** Ends the round whatever is untried; tells whether it had not ended before. */
    boolean finish() {
        boolean news = !over;
        over = true;
        return news;
    }
}
