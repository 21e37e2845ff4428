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
            node = node.children.computeIfAbsent(level, l -> new Node<>());
        }
        boolean added = node.holders.add(holder);
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
            return node.holders.remove(holder);
        }
        Node<T> child = node.children.get(levels[depth]);
        if (child == null || !remove(child, levels, depth + 1, holder)) {
            return false;
        }
        if (child.holders.isEmpty() && child.children.isEmpty()) {
            node.children.remove(levels[depth]);
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

    private static final class Node<T> {
        final Map<String, Node<T>> children = new HashMap<>(4);
        final Set<T> holders = new LinkedHashSet<>(4);
    }
}
