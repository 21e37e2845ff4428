package io.nexusd.gossip;

import io.nexusd.bus.Links.AddressMisled;
import io.nexusd.bus.Links.Member;
import io.nexusd.model.Endpoint;
import io.nexusd.model.NodeId;
import io.nexusd.model.NodeIdentity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Addresses that nodes advertise and at which another node answers. In: dials that ended so, what members and others advertise;
 * times are monotonic milliseconds. Out: what an operator is to be warned of, once for each node and address. A node that
 * restarts, or that corrects its address, is given the time to do so. Bounded. Not thread-safe.
 */
final class WrongAddresses {
    static final int MAX_NOTES = 512;

    private static final long FORGET_AFTER_MS = 600_000;

    /** An address, the node that advertises it, and the node that answers there. */
    record Wrong(NodeId id, String name, Endpoint endpoint, NodeIdentity answered) {}

    /** A member as it presents itself, and when it was heard last. */
    record Known(NodeIdentity identity, long heardMono) {}

    private static final class Note {
        private final Endpoint endpoint;
        private final NodeIdentity answered;
        private final long sinceMono;
        private boolean reported;

        private Note(Endpoint endpoint, NodeIdentity answered, long sinceMono) {
            this.endpoint = endpoint;
            this.answered = answered;
            this.sinceMono = sinceMono;
        }
    }

    private final Map<NodeId, Note> notes = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, Note> eldest) {
            return size() > MAX_NOTES;
        }
    };

    /** A dial ended at another node than the one that advertises the address. */
    void misled(AddressMisled dial, long nowMono) {
        Note known = notes.get(dial.expected());
        boolean isNews = known == null
                || !known.endpoint.equals(dial.endpoint())
                || !known.answered.id().equals(dial.answered().id());
        if (isNews) {
            notes.put(dial.expected(), new Note(dial.endpoint(), dial.answered(), nowMono));
        }
    }

    /**
     * Returns the members that still advertise a wrong address, and have been heard since it was found to be wrong.
     *
     * @param graceMs a member has this long to correct its address
     */
    List<Wrong> judge(Function<NodeId, Optional<Known>> members, long graceMs, long nowMono) {
        List<Wrong> wrong = new ArrayList<>();
        notes.entrySet().removeIf(entry -> {
            Note note = entry.getValue();
            Optional<Known> member = members.apply(entry.getKey());
            if (member.isEmpty()) {
                return nowMono - note.sinceMono > FORGET_AFTER_MS;
            }
            NodeIdentity identity = member.get().identity();
            if (!identity.mesh().equals(note.endpoint)) {
                return true;
            }
            boolean isHeardSince = member.get().heardMono() > note.sinceMono;
            if (!note.reported && isHeardSince && nowMono - note.sinceMono >= graceMs) {
                note.reported = true;
                wrong.add(new Wrong(identity.id(), identity.name(), note.endpoint, note.answered));
            }
            return false;
        });
        return wrong;
    }

    /**
     * A member speaks of a node that is none here; returns what is wrong with the address of that node.
     *
     * @param graceMs members may speak of a node for so long after it has ended
     */
    Optional<Wrong> learned(Member node, long graceMs, long nowMono) {
        Note note = notes.get(node.id());
        if (note == null || note.reported || !note.endpoint.equals(node.mesh()) || nowMono - note.sinceMono < graceMs) {
            return Optional.empty();
        }
        note.reported = true;
        return Optional.of(new Wrong(node.id(), node.name(), note.endpoint, note.answered));
    }
}
