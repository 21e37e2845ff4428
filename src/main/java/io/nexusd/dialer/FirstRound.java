package io.nexusd.dialer;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Whether everything that was configured has been tried once. */
final class FirstRound {
    /** Endpoints, and names that are not looked up yet. */
    private final Set<Object> untried = new HashSet<>();

    private boolean over;

    void expect(Collection<?> whatever) {
        untried.addAll(whatever);
    }

    void tried(Object whatever) {
        untried.remove(whatever);
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
