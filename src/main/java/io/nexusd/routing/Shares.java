package io.nexusd.routing;

import io.nexusd.model.NodeId;
import io.nexusd.model.Share;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who shares what: the members here and the nodes that have members, for each share. Owns whose turn it is: members take turns,
 * and one here goes before one elsewhere. Shares are named as they travel, {@link Share#interest()}. Not thread-safe.
 */
final class Shares {
    private final TopicTrie<String> byFilter = new TopicTrie<>();
    private final Map<String, Holders> holders = new HashMap<>();

    private static final class Holders {
        final List<Long> members = new ArrayList<>();
        final List<NodeId> nodes = new ArrayList<>();
        int turn;

        boolean isEmpty() {
            return members.isEmpty() && nodes.isEmpty();
        }
    }

    /** Adds the shares that match the topic to the set. */
    void match(String topic, Set<String> matched) {
        byFilter.match(topic, matched);
    }

    void addMember(String share, long handle) {
        holders(share).members.add(handle);
    }

    void removeMember(String share, long handle) {
        Holders found = holders.get(share);
        if (found != null) {
            found.members.remove(handle);
            dropIfEmpty(share, found);
        }
    }

    void addNode(String share, NodeId id) {
        holders(share).nodes.add(id);
    }

    void removeNode(String share, NodeId id) {
        Holders found = holders.get(share);
        if (found != null) {
            found.nodes.remove(id);
            dropIfEmpty(share, found);
        }
    }

    /** Returns the member here whose turn it is, if there is one; the turn passes on. */
    Optional<Long> pickMember(String share) {
        Optional<Long> next = nextMember(share);
        next.ifPresent(member -> holders.get(share).turn++);
        return next;
    }

    /** Returns the node whose members' turn it is, if there is one; the turn passes on. */
    Optional<NodeId> pickNode(String share) {
        Optional<NodeId> next = nextNode(share);
        next.ifPresent(node -> holders.get(share).turn++);
        return next;
    }

    /** Returns the member that would be picked next. */
    Optional<Long> nextMember(String share) {
        Holders found = holders.get(share);
        return found == null ? Optional.empty() : atTurn(found.members, found.turn);
    }

    /** Returns the node that would be picked next. */
    Optional<NodeId> nextNode(String share) {
        Holders found = holders.get(share);
        return found == null ? Optional.empty() : atTurn(found.nodes, found.turn);
    }

    List<Long> members(String share) {
        Holders found = holders.get(share);
        return found == null ? List.of() : List.copyOf(found.members);
    }

    List<NodeId> nodes(String share) {
        Holders found = holders.get(share);
        return found == null ? List.of() : List.copyOf(found.nodes);
    }

    private static <T> Optional<T> atTurn(List<T> list, int turn) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list.get(Math.floorMod(turn, list.size())));
    }

    /**
     * Tells whether this node is the one that takes what a base peer sends to every node: of all that have members, the one
     * with the lowest id.
     */
    boolean isFirst(String share, NodeId self) {
        Holders found = holders.get(share);
        return found != null && !found.members.isEmpty() && found.nodes.stream().allMatch(id -> id.compareTo(self) > 0);
    }

    private Holders holders(String share) {
        return holders.computeIfAbsent(share, s -> {
            byFilter.add(Share.of(s).orElseThrow().filter(), s);
            return new Holders();
        });
    }

    private void dropIfEmpty(String share, Holders found) {
        if (found.isEmpty()) {
            holders.remove(share);
            byFilter.remove(Share.of(share).orElseThrow().filter(), share);
        }
    }
}
