package io.nexusd.routing;

import io.nexusd.bus.Routing.Numbered;
import io.nexusd.model.Envelope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The last messages of the topics this node has interest in, numbered per topic from 1. Bounded by messages per topic and by
 * bytes in all; beyond these the oldest of the topic, or the topic used least recently, goes first. A topic keeps its
 * numbering as long as it is remembered, with or without messages. Not thread-safe.
 */
final class History {
    /** Topics whose numbering is remembered; the one used least recently is forgotten and would begin at 1 again. */
    static final int MAX_TOPICS = 100_000;

    private final LinkedHashMap<String, Log> logs = new LinkedHashMap<>(16, 0.75f, true);
    /** Topics with messages, the one used least recently first; so that making room need not pass by empty ones. */
    private final LinkedHashMap<String, Log> filled = new LinkedHashMap<>(16, 0.75f, true);

    private int messagesPerTopic;
    private long maxBytes;
    /** The topic recorded last, as long as it is the one used last in both maps; null for none. */
    private String lastTopic;

    private Log lastLog;
    private long bytes;
    private long positions;

    History(int messagesPerTopic, long maxBytes) {
        this.messagesPerTopic = messagesPerTopic;
        this.maxBytes = maxBytes;
    }

    private record Entry(Envelope envelope, long sequence, long position, int bytes) {
        Numbered numbered() {
            return new Numbered(envelope, sequence);
        }
    }

    private static final class Log {
        final ArrayDeque<Entry> entries = new ArrayDeque<>();
        long lastSequence;
        int withTtl;
    }

    /** Numbers a message and keeps it; returns its number. */
    long record(Envelope envelope) {
        Log log = logOf(envelope.topic());
        log.lastSequence++;
        Entry entry = new Entry(envelope, log.lastSequence, ++positions, envelope.memoryBytes());
        if (messagesPerTopic > 0 && entry.bytes <= maxBytes) {
            log.entries.addLast(entry);
            log.withTtl += envelope.expiresNs() == Envelope.NEVER ? 0 : 1;
            bytes += entry.bytes;
            if (log.entries.size() == 1 || lastTopic == null || log != lastLog) {
                filled.put(envelope.topic(), log);
            }
            while (log.entries.size() > messagesPerTopic) {
                dropOldest(log);
            }
            makeRoom();
        }
        lastTopic = envelope.topic();
        lastLog = log;
        return log.lastSequence;
    }

    private Log logOf(String topic) {
        // Of a topic that is busy there is one instance.
        if (lastTopic != null && topic == lastTopic) {
            return lastLog;
        }
        lastTopic = null;
        Log log = logs.get(topic);
        if (log == null) {
            log = new Log();
            logs.put(topic, log);
            forgetBeyond(MAX_TOPICS);
        }
        return log;
    }

    /** Returns the number of the newest message on a topic, 0 when there was none that is remembered. */
    long lastSequence(String topic) {
        lastTopic = null;
        Log log = logs.get(topic);
        return log == null ? 0 : log.lastSequence;
    }

    /** Adds the numbers of the messages on a topic that are there and have numbers above this one, by message id. */
    void addNumbersAbove(String topic, long sequence, Map<String, Long> numberById) {
        lastTopic = null;
        Log log = filled.get(topic);
        if (log != null) {
            Iterator<Entry> newestFirst = log.entries.descendingIterator();
            while (newestFirst.hasNext()) {
                Entry entry = newestFirst.next();
                if (entry.sequence <= sequence) {
                    return;
                }
                numberById.put(entry.envelope.messageId(), entry.sequence);
            }
        }
    }

    /** Returns the messages on a topic with numbers above this one that are there and have not expired, in order. */
    List<Numbered> after(String topic, long sequence, long nowNs) {
        lastTopic = null;
        Log log = filled.get(topic);
        List<Numbered> found = new ArrayList<>();
        if (log != null) {
            for (Entry entry : log.entries) {
                if (entry.sequence > sequence && !entry.envelope.expiredAt(nowNs)) {
                    found.add(entry.numbered());
                }
            }
        }
        return found;
    }

    /**
     * Returns, for each topic that has messages newer than the one with this id, the number after which they come; null when
     * the message is not there any more. Newer means that they came to this node later.
     */
    Map<String, Long> positionsAfter(String messageId) {
        long position = positionOf(messageId);
        if (position < 0) {
            return null;
        }
        Map<String, Long> after = new LinkedHashMap<>();
        filled.forEach((topic, log) -> {
            if (log.entries.peekLast().position > position) {
                for (Entry entry : log.entries) {
                    if (entry.position > position) {
                        after.put(topic, entry.sequence - 1);
                        break;
                    }
                }
            }
        });
        return after;
    }

    /** Drops what has expired. */
    void reap(long nowNs) {
        for (Log log : List.copyOf(filled.values())) {
            if (log.withTtl == 0) {
                continue;
            }
            Iterator<Entry> entries = log.entries.iterator();
            while (entries.hasNext()) {
                Entry entry = entries.next();
                if (entry.envelope.expiredAt(nowNs)) {
                    entries.remove();
                    forget(log, entry);
                }
            }
        }
        filled.values().removeIf(log -> log.entries.isEmpty());
    }

    /** Changes the limits; what is too much now goes. */
    void setLimits(int messages, long byteCount) {
        messagesPerTopic = messages;
        maxBytes = byteCount;
        for (Log log : filled.values()) {
            while (log.entries.size() > messagesPerTopic) {
                dropOldest(log);
            }
        }
        filled.values().removeIf(log -> log.entries.isEmpty());
        makeRoom();
    }

    /** Returns the topics that have messages. */
    Collection<String> topics() {
        return filled.keySet();
    }

    /** Returns a copy of the number of the newest message on each topic that is remembered. */
    Map<String, Long> lastSequences() {
        Map<String, Long> sequences = new HashMap<>(logs.size() * 2);
        logs.forEach((topic, log) -> sequences.put(topic, log.lastSequence));
        return sequences;
    }

    /** Returns how many messages are kept of a topic. */
    int messages(String topic) {
        lastTopic = null;
        Log log = filled.get(topic);
        return log == null ? 0 : log.entries.size();
    }

    /** Returns how many bytes the messages of a topic hold. */
    long bytes(String topic) {
        lastTopic = null;
        Log log = filled.get(topic);
        return log == null ? 0 : log.entries.stream().mapToLong(Entry::bytes).sum();
    }

    /** Returns how many messages are kept in all. */
    long messages() {
        return filled.values().stream().mapToLong(log -> log.entries.size()).sum();
    }

    long bytes() {
        return bytes;
    }

    private long positionOf(String messageId) {
        for (Log log : filled.values()) {
            for (Entry entry : log.entries) {
                if (entry.envelope.messageId().equals(messageId)) {
                    return entry.position;
                }
            }
        }
        return -1;
    }

    private void makeRoom() {
        while (bytes > maxBytes) {
            Iterator<Log> eldest = filled.values().iterator();
            Log log = eldest.next();
            while (bytes > maxBytes && !log.entries.isEmpty()) {
                dropOldest(log);
            }
            if (log.entries.isEmpty()) {
                eldest.remove();
            }
        }
    }

    private void forgetBeyond(int limit) {
        while (logs.size() > limit) {
            Iterator<Map.Entry<String, Log>> eldest = logs.entrySet().iterator();
            Map.Entry<String, Log> entry = eldest.next();
            eldest.remove();
            filled.remove(entry.getKey());
            entry.getValue().entries.forEach(held -> bytes -= held.bytes);
        }
    }

    private void dropOldest(Log log) {
        forget(log, log.entries.pollFirst());
    }

    private void forget(Log log, Entry entry) {
        bytes -= entry.bytes;
        log.withTtl -= entry.envelope.expiresNs() == Envelope.NEVER ? 0 : 1;
    }
}
