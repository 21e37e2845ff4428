package io.nexusd.dialer;

import io.nexusd.model.NodeId;
import java.util.HashMap;
import java.util.Map;

/**
 * Members that have left, for as long as what is on its way to them may still arrive. One that is a member again by then, as after
 * a change of cluster, is not given up for having left before. In: who left, and who is back. Bounded by the members. Not
 * thread-safe.
 *
 * @param <L> links
 */
final class Farewells<L> {
    /** One leave-taking; equal to no other one of the same node. */
    static final class Farewell<L> {
        private final L link;

        private Farewell(L link) {
            this.link = link;
        }
    }

    private final Map<NodeId, Farewell<L>> byLeaver = new HashMap<>();

    /**
     * A member has left.
     *
     * @param link to it, or null
     */
    Farewell<L> left(NodeId id, L link) {
        Farewell<L> farewell = new Farewell<>(link);
        byLeaver.put(id, farewell);
        return farewell;
    }

    /** The time of this farewell is over; tells whether the node is still gone, and to be given up. */
    boolean isOver(NodeId id, Farewell<L> farewell) {
        return byLeaver.remove(id, farewell);
    }

    /**
     * A node is a member from now on; tells whether its link is of its time before, in which the other side believes to have been
     * left.
     *
     * @param link to it now, or null
     */
    boolean isBackOverOldLink(NodeId id, L link) {
        Farewell<L> farewell = byLeaver.remove(id);
        return farewell != null && link != null && farewell.link == link;
    }
}
