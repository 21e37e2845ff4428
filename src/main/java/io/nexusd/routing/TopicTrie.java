package io.nexusd.routing;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Topic filters and who holds them, arranged by level. A {@code +} stands for one level, a final {@code #} for the rest and
 * for its parent. Wildcards at the first level leave out topics that begin with {@code $}. Not thread-safe.
 *
 * @param <T> a holder; compared by equals
 */
final class TopicTrie<T> {
    private static final String ONE = "+";
    private static final String REST = "#";

    private final Node<T> root = new Node<>();
    private int size;

    /** Adds a holder of a valid filter; tells whether it was new. */
    boolean add(String filter, T holder) {
        Node<T> node = root;
        for (String level : levels(filter)) {
            node = node.childAt(level);
        }
        boolean added = node.addHolder(holder);
        size += added ? 1 : 0;
        return added;
    }

    /** Removes a holder of a filter; tells whether it was there. Branches that hold nothing any more go with it. */
    boolean remove(String filter, T holder) {
        boolean removed = remove(root, levels(filter), 0, holder);
        size -= removed ? 1 : 0;
        return removed;
    }

    /** Adds everyone whose filters match the topic to the set, each once. */
    void match(String topic, Set<T> matched) {
        match(root, levels(topic), 0, topic.charAt(0) != '$', matched);
    }

    /** Returns how many pairs of filter and holder there are. */
    int size() {
        return size;
    }

    private boolean remove(Node<T> node, String[] levels, int depth, T holder) {
        if (depth == levels.length) {
            return node.removeHolder(holder);
        }
        Node<T> child = node.children.get(levels[depth]);
        if (child == null || !remove(child, levels, depth + 1, holder)) {
            return false;
        }
        if (child.holders.isEmpty() && child.children.isEmpty()) {
            node.removeChild(levels[depth]);
        }
        return true;
    }

    private void match(Node<T> node, String[] levels, int depth, boolean wildcards, Set<T> matched) {
        if (wildcards) {
            Node<T> rest = node.children.get(REST);
            if (rest != null) {
                matched.addAll(rest.holders);
            }
        }
        if (depth == levels.length) {
            matched.addAll(node.holders);
            return;
        }
        Node<T> exact = node.children.get(levels[depth]);
        if (exact != null) {
            match(exact, levels, depth + 1, true, matched);
        }
        Node<T> one = wildcards ? node.children.get(ONE) : null;
        if (one != null) {
            match(one, levels, depth + 1, true, matched);
        }
    }

    private static String[] levels(String text) {
        return text.split("/", -1);
    }

    /**
     * Most nodes of a large trie have one holder and no child, or one child and no holder, so collections that can grow are made
     * for the others only: that halves its memory.
     */
    private static final class Node<T> {
        Map<String, Node<T>> children = Map.of();
        Set<T> holders = Set.of();

        Node<T> childAt(String level) {
            Node<T> known = children.get(level);
            if (known != null) {
                return known;
            }
            Node<T> child = new Node<>();
            if (children.isEmpty()) {
                children = Map.of(level, child);
            } else {
                if (children.size() == 1) {
                    children = new HashMap<>(children);
                }
                children.put(level, child);
            }
            return child;
        }

        void removeChild(String level) {
            if (children.size() > 2) {
                children.remove(level);
                return;
            }
            Map<String, Node<T>> left = new HashMap<>(children);
            left.remove(level);
            children = Map.copyOf(left);
        }

        boolean addHolder(T holder) {
            if (holders.contains(holder)) {
                return false;
            }
            if (holders.isEmpty()) {
                holders = Set.of(holder);
            } else {
                if (holders.size() == 1) {
                    holders = new LinkedHashSet<>(holders);
                }
                holders.add(holder);
            }
            return true;
        }

        boolean removeHolder(T holder) {
            if (!holders.contains(holder)) {
                return false;
            }
            if (holders.size() > 2) {
                return holders.remove(holder);
            }
            Set<T> left = new LinkedHashSet<>(holders);
            left.remove(holder);
            holders = Set.copyOf(left);
            return true;
        }
    }
}
