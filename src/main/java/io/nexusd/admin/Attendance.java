package io.nexusd.admin;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which event loops turn. In: roll calls sent, and who answered one. A loop is stuck when it has left several calls in a row
 * unanswered; calls and not time are counted, so that a pause of the whole process speaks against nobody.
 */
final class Attendance {
    /** One is sent every two seconds, so a stuck loop is seen after about six. */
    static final int UNANSWERED_CALLS = 2;

    private final Map<String, Integer> unansweredByRoom = new TreeMap<>();

    /** Notes that a roll call is sent now. */
    void called() {
        unansweredByRoom.replaceAll((room, unanswered) -> unanswered + 1);
    }

    /** Notes that the loop of a room turns; from the first time on the room is expected to answer. */
    void present(String room) {
        unansweredByRoom.put(room, 0);
    }

    /** Returns the rooms whose loops do not turn, in alphabetical order. */
    List<String> stuck() {
        return unansweredByRoom.entrySet().stream()
                .filter(entry -> entry.getValue() > UNANSWERED_CALLS)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Returns every room that has answered so far. */
    List<String> rooms() {
        return List.copyOf(unansweredByRoom.keySet());
    }
}
