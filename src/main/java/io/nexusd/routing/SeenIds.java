package io.nexusd.routing;

import java.util.LinkedHashMap;
import java.util.Map;

/** The last message ids taken from peers that may push the same message twice. Not thread-safe. */
final class SeenIds {
    private final Map<String, Boolean> ids;

    /** Remembers the given number of ids; older ones are forgotten first. */
    SeenIds(int limit) {
        ids = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                return size() > limit;
            }
        };
    }

    boolean contains(String id) {
        return ids.containsKey(id);
    }

    /** Remembers the id; tells whether it was seen for the first time. An empty id identifies nothing and is always new. */
    boolean isNew(String id) {
        return id.isEmpty() || ids.put(id, Boolean.TRUE) == null;
    }
}
