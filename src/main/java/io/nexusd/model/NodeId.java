package io.nexusd.model;

import java.util.Objects;
import java.util.UUID;

/** The UUID of one run of a daemon: new at every start, so a restarted node is another NodeId. */
public record NodeId(String value) implements Comparable<NodeId> {
    /** Longest accepted text, in characters; a UUID has 36. */
    public static final int MAX_LENGTH = 64;

    public NodeId {
        Objects.requireNonNull(value);
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "instance UUID has " + value.length() + " characters; 1 to " + MAX_LENGTH + " are allowed");
        }
    }

    /** Returns a fresh random id. */
    public static NodeId random() {
        return new NodeId(UUID.randomUUID().toString());
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
