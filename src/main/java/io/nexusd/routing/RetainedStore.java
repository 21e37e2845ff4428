package io.nexusd.routing;

import io.nexusd.bus.Retention;
import io.nexusd.bus.Retention.Digest;
import io.nexusd.bus.Retention.Version;
import io.nexusd.model.Crc64;
import io.nexusd.model.Envelope;
import io.nexusd.model.Utf8Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One retained message for each topic: the newest by timestamp, source and message id, whatever the order in which they come,
 * so that all nodes end with the same. What was cleared or has expired is known for a while ({@link ClearedTopics}). Bounded by
 * messages and bytes; beyond these the oldest goes. Not thread-safe.
 */
final class RetainedStore {
    /**
     * Bytes of messages in one answer to a peer, unless the first alone has more. An answer is lost when its link breaks, so it is
     * to cross a slow link within a second.
     */
    private static final int ANSWER_BYTES = 256 * 1024;

    /** What became of an offered message. */
    enum Offered {
        /** It is held, and nothing was held before. */
        FIRST,
        /** It is held, or its topic is clear now, instead of something older. */
        NEWER,
        /** It was held already. */
        SAME,
        /** Something newer is known. */
        OLDER,
        /** The limits leave no room even for it. */
        NO_ROOM
    }

    private static final Comparator<Version> OLDEST_FIRST = Comparator.comparingLong(Version::timestampMs)
            .thenComparing(Version::source)
            .thenComparing(Version::messageId)
            .thenComparing(Version::topic);

    private final TreeMap<String, Envelope> held = new TreeMap<>(Utf8Order.INSTANCE);
    private final TreeSet<Version> byAge = new TreeSet<>(OLDEST_FIRST);
    private final ClearedTopics cleared = new ClearedTopics();
    private int maxMessages;
    private long maxBytes;
    private long bytes;
    private int withTtl;
    private long evicted;

    RetainedStore(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Returns a timestamp for a publish of now that makes it newer than whatever is known of the topic. */
    long timestampFor(String topic, long nowMs) {
        Version known = known(topic);
        return known == null || known.timestampMs() < nowMs ? nowMs : known.timestampMs() + 1;
    }

    /** Takes a retained message; one without payload clears its topic. */
    Offered offer(Envelope envelope, long nowNs) {
        Version version = version(envelope);
        Version known = known(version.topic());
        if (known != null && !version.isNewerThan(known)) {
            return known.messageId().equals(version.messageId()) ? Offered.SAME : Offered.OLDER;
        }
        Envelope before = drop(version.topic());
        if (envelope.payload().isEmpty()) {
            cleared.add(version, nowNs);
            return Offered.NEWER;
        }
        cleared.remove(version.topic());
        if (envelope.expiredAt(nowNs)) {
            cleared.add(version, nowNs);
            return Offered.OLDER;
        }
        if (envelope.memoryBytes() > maxBytes) {
            // Nothing that others hold could make room for it; the topic is clear rather than of an older message.
            cleared.add(version, nowNs);
            return Offered.NO_ROOM;
        }
        hold(envelope, version);
        makeRoom();
        if (!held.containsKey(version.topic())) {
            return Offered.NO_ROOM;
        }
        return before == null ? Offered.FIRST : Offered.NEWER;
    }

    /** Takes note that a topic was cleared elsewhere; tells whether that changed anything. */
    boolean clear(Version version, long nowNs) {
        Version known = known(version.topic());
        if (known != null && !version.isNewerThan(known)) {
            return false;
        }
        boolean wasHeld = drop(version.topic()) != null;
        cleared.add(version, nowNs);
        return wasHeld;
    }

    /** Drops what has expired; tells whether there was any. */
    boolean reap(long nowNs) {
        cleared.reap(nowNs);
        if (withTtl == 0) {
            return false;
        }
        List<Envelope> expired = held.values().stream()
                .filter(envelope -> envelope.expiredAt(nowNs))
                .toList();
        for (Envelope envelope : expired) {
            drop(envelope.topic());
            cleared.add(version(envelope), nowNs);
        }
        return !expired.isEmpty();
    }

    /** Changes the limits; what is too much now goes, oldest first. */
    void setLimits(int messages, long byteCount) {
        maxMessages = messages;
        maxBytes = byteCount;
        makeRoom();
    }

    /** Returns the retained messages that have not expired, in the order of their topics. */
    List<Envelope> all(long nowNs) {
        return held.values().stream()
                .filter(envelope -> !envelope.expiredAt(nowNs))
                .toList();
    }

    /** Returns the retained message of a topic, or null. */
    Envelope get(String topic, long nowNs) {
        Envelope envelope = held.get(topic);
        return envelope == null || envelope.expiredAt(nowNs) ? null : envelope;
    }

    /** Returns the retained messages on topics that a filter with wildcards matches. */
    List<Envelope> matching(String filter, long nowNs) {
        TopicTrie<Boolean> trie = new TopicTrie<>();
        trie.add(filter, true);
        // What comes before the first wildcard is common to all that match, so only that part of the tree is looked at;
        // a final # matches its parent too, which has no slash at its end.
        int plus = filter.indexOf('+');
        int rest = filter.indexOf('#');
        int wildcard = plus < 0 ? rest : rest < 0 ? plus : Math.min(plus, rest);
        String prefix = filter.substring(0, Math.max(0, wildcard - 1));
        List<Envelope> found = new ArrayList<>();
        Set<Boolean> matched = new HashSet<>();
        for (Envelope envelope : held.tailMap(prefix, true).values()) {
            if (!envelope.topic().startsWith(prefix)) {
                break;
            }
            trie.match(envelope.topic(), matched);
            if (!matched.isEmpty() && !envelope.expiredAt(nowNs)) {
                found.add(envelope);
            }
            matched.clear();
        }
        return found;
    }

    /** Returns those of the wanted messages that fit an answer. */
    List<Envelope> some(Collection<String> topics, long nowNs) {
        List<Envelope> found = new ArrayList<>();
        long size = 0;
        for (String topic : topics) {
            Envelope envelope = get(topic, nowNs);
            if (envelope == null) {
                continue;
            }
            size += envelope.memoryBytes();
            if (size > ANSWER_BYTES && !found.isEmpty()) {
                break;
            }
            found.add(envelope);
        }
        return found;
    }

    /** Returns the hash over topic and message id of each, in the order of the topics. */
    long hash() {
        List<String> lines = new ArrayList<>(held.size() * 2);
        held.forEach((topic, envelope) -> {
            lines.add(topic);
            lines.add(envelope.messageId());
        });
        return Crc64.ofLines(lines);
    }

    /** Returns a hash for each bucket of topics. */
    List<Long> bucketHashes() {
        long[] hashes = new long[Retention.BUCKETS];
        // Adding up leaves the order out, and a topic is in a bucket once.
        held.forEach((topic, envelope) -> hashes[bucket(topic)] += Crc64.ofLines(List.of(topic, envelope.messageId())));
        return Arrays.stream(hashes).boxed().toList();
    }

    /** Returns what is known in the buckets whose hash differs from these, all in one answer. */
    List<Version> digest(List<Long> otherHashes) {
        return digest(otherHashes, 0, Retention.MAX_VERSIONS).versions();
    }

    /**
     * Returns what is known in the buckets whose hash differs from these, whole buckets from the given one on.
     *
     * @param maxVersions where the answer ends, unless the first bucket alone has more
     */
    Digest digest(List<Long> otherHashes, int fromBucket, int maxVersions) {
        List<Long> own = bucketHashes();
        int[] sizes = new int[Retention.BUCKETS];
        held.keySet().forEach(topic -> sizes[bucket(topic)]++);
        cleared.versions().forEach(version -> sizes[bucket(version.topic())]++);
        boolean[] told = new boolean[Retention.BUCKETS];
        int size = 0;
        int nextBucket = 0;
        for (int bucket = fromBucket; bucket < Retention.BUCKETS && nextBucket == 0; bucket++) {
            boolean differs = sizes[bucket] > 0 && !own.get(bucket).equals(otherHashes.get(bucket));
            if (differs && size > 0 && size + sizes[bucket] > maxVersions) {
                nextBucket = bucket;
            } else if (differs) {
                told[bucket] = true;
                size += sizes[bucket];
            }
        }
        List<Version> versions = new ArrayList<>(Math.min(size, Retention.MAX_VERSIONS));
        held.forEach((topic, envelope) -> addIfTold(version(envelope), told, versions));
        cleared.versions().forEach(version -> addIfTold(version, told, versions));
        return new Digest(versions, nextBucket);
    }

    private static void addIfTold(Version version, boolean[] told, List<Version> versions) {
        if (told[bucket(version.topic())] && versions.size() < Retention.MAX_VERSIONS) {
            versions.add(version);
        }
    }

    /** Tells whether a version that another node has would be taken here. */
    boolean wants(Version version) {
        Version known = known(version.topic());
        boolean older = !byAge.isEmpty() && byAge.first().isNewerThan(version);
        boolean full = held.size() >= maxMessages;
        return (known == null || version.isNewerThan(known)) && !(known == null && full && older);
    }

    int size() {
        return held.size();
    }

    long bytes() {
        return bytes;
    }

    /** Returns how many messages the limits have pushed out. */
    long evicted() {
        return evicted;
    }

    private Version known(String topic) {
        Envelope envelope = held.get(topic);
        return envelope == null ? cleared.get(topic) : version(envelope);
    }

    private void hold(Envelope envelope, Version version) {
        held.put(version.topic(), envelope);
        byAge.add(version);
        bytes += envelope.memoryBytes();
        withTtl += envelope.expiresNs() == Envelope.NEVER ? 0 : 1;
    }

    private Envelope drop(String topic) {
        Envelope envelope = held.remove(topic);
        if (envelope != null) {
            byAge.remove(version(envelope));
            bytes -= envelope.memoryBytes();
            withTtl -= envelope.expiresNs() == Envelope.NEVER ? 0 : 1;
        }
        return envelope;
    }

    private void makeRoom() {
        while (held.size() > maxMessages || bytes > maxBytes) {
            drop(byAge.first().topic());
            evicted++;
        }
    }

    private static Version version(Envelope envelope) {
        return new Version(
                envelope.topic(),
                envelope.timestampMs(),
                envelope.source(),
                envelope.messageId(),
                envelope.payload().isEmpty());
    }

    private static int bucket(String topic) {
        return Math.floorMod(topic.hashCode(), Retention.BUCKETS);
    }
}
