package io.nexusd.routing;

import io.nexusd.bus.Retention.Version;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Topics whose retained message was cleared or has expired: for a while the version of what cleared each, so that no node brings
 * back something older. Beyond the limit the one cleared longest ago is forgotten. Not thread-safe.
 */
final class ClearedTopics {
    /** Longer than a partition that anybody would heal. */
    static final long REMEMBERED_NS = 3_600_000_000_000L;

    static final int LIMIT = 100_000;

    private record Cleared(Version version, long atNs) {}

    private final LinkedHashMap<String, Cleared> byTopic = new LinkedHashMap<>();

    /** The topic of this version is clear since now, by this version. */
    void add(Version version, long nowNs) {
        Version clearing =
                new Version(version.topic(), version.timestampMs(), version.source(), version.messageId(), true);
        byTopic.remove(version.topic());
        byTopic.put(version.topic(), new Cleared(clearing, nowNs));
        if (byTopic.size() > LIMIT) {
            Iterator<Cleared> oldest = byTopic.values().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** The topic holds a message again. */
    void remove(String topic) {
        byTopic.remove(topic);
    }

    /** Returns the version that cleared the topic, or null. */
    Version get(String topic) {
        Cleared cleared = byTopic.get(topic);
        return cleared == null ? null : cleared.version();
    }

    /** Returns the versions, of the topic cleared longest ago first. */
    List<Version> versions() {
        return byTopic.values().stream().map(Cleared::version).toList();
    }

    /** Forgets what was cleared long ago. */
    void reap(long nowNs) {
        Iterator<Cleared> oldest = byTopic.values().iterator();
        while (oldest.hasNext() && nowNs - oldest.next().atNs() > REMEMBERED_NS) {
            oldest.remove();
        }
    }
}
