package io.nexusd.cli;

import io.nexusd.proto.admin.GetMeshResponse;
import io.nexusd.proto.admin.Peer;
import io.nexusd.proto.admin.View;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The mesh as each of its nodes sees it: who knows whom, who has a link to whom, and where they differ. A node that cannot be
 * asked is drawn as the others see it.
 */
final class Topology {
    /** Larger meshes are drawn as a matrix only. */
    private static final int MAX_TREES = 8;

    /** How one node sees another. */
    private enum Sight {
        SELF("·", Style.FAINT),
        LINKED("●", Style.GOOD),
        KNOWN("○", Style.WARNING),
        SUSPECTED("?", Style.WARNING),
        UNKNOWN("✗", Style.BAD),
        UNASKED(" ", Style.PLAIN);

        final String sign;
        final Style style;

        Sight(String sign, Style style) {
            this.sign = sign;
            this.style = style;
        }
    }

    /** Somebody in the mesh, whom one node or all of them know. */
    private record Member(String id, String name, String endpoint, String problem, Map<String, Peer> sees) {
        boolean wasAsked() {
            return problem.isEmpty();
        }
    }

    private final List<Member> members;

    private Topology(List<Member> members) {
        this.members = members;
    }

    static Topology of(GetMeshResponse mesh) {
        Map<String, Member> members = new LinkedHashMap<>();
        for (View view : mesh.getViewsList()) {
            Map<String, Peer> sees = new LinkedHashMap<>();
            view.getPeersList().forEach(peer -> sees.put(peer.getInstanceUuid(), peer));
            members.put(
                    view.getInstanceUuid(),
                    new Member(view.getInstanceUuid(), view.getName(), view.getEndpoint(), view.getProblem(), sees));
        }
        for (View view : mesh.getViewsList()) {
            for (Peer peer : view.getPeersList()) {
                members.putIfAbsent(
                        peer.getInstanceUuid(),
                        new Member(
                                peer.getInstanceUuid(),
                                peer.getName(),
                                peer.getEndpoint(),
                                "the node asked does not know it",
                                Map.of()));
            }
        }
        List<Member> sorted = new ArrayList<>(members.values());
        sorted.sort(Comparator.comparing(Member::name)
                .thenComparing(Member::endpoint)
                .thenComparing(Member::id));
        return new Topology(sorted);
    }

    int size() {
        return members.size();
    }

    /** Returns how many links there are, each of the two between a pair counted. */
    long links() {
        return members.stream()
                .flatMap(member -> member.sees.values().stream())
                .filter(Peer::getLinked)
                .count();
    }

    /** Returns what is not as it should be, a sentence each. */
    List<String> amiss() {
        List<String> amiss = new ArrayList<>();
        for (Member from : members) {
            if (!from.wasAsked()) {
                amiss.add(label(from) + " could not be asked: " + from.problem);
                continue;
            }
            for (Member to : members) {
                switch (sight(from, to)) {
                    case KNOWN -> amiss.add(label(from) + " has no link to " + label(to));
                    case SUSPECTED -> amiss.add(label(from) + " has not heard " + label(to) + " for a while");
                    case UNKNOWN -> amiss.add(label(from) + " does not know " + label(to));
                    default -> {
                        // As it should be.
                    }
                }
            }
        }
        return amiss;
    }

    /** Returns an object for each ordered pair of nodes, and one for each that could not be asked. */
    List<JsonObject> objects() {
        List<JsonObject> objects = new ArrayList<>();
        for (Member from : members) {
            if (!from.wasAsked()) {
                objects.add(new JsonObject()
                        .put("from", from.name)
                        .put("from_id", from.id)
                        .put("problem", from.problem));
                continue;
            }
            for (Member to : members) {
                if (!from.id.equals(to.id)) {
                    objects.add(pair(from, to));
                }
            }
        }
        return objects;
    }

    private static JsonObject pair(Member from, Member to) {
        Peer peer = from.sees.get(to.id);
        JsonObject pair = new JsonObject()
                .put("from", from.name)
                .put("from_id", from.id)
                .put("to", to.name)
                .put("to_id", to.id)
                .put("known", peer != null);
        if (peer != null) {
            pair.put("state", peer.getState()).put("linked", peer.getLinked());
            if (peer.hasRoundTripUs()) {
                pair.put("latency_us", peer.getRoundTripUs());
            }
            if (peer.hasClockAheadMs()) {
                pair.put("clock_ahead_ms", peer.getClockAheadMs());
            }
        }
        return pair;
    }

    /**
     * Draws a tree for each node, if there are few, and a matrix of all.
     *
     * @param columns width of the terminal, 0 for no limit
     */
    List<String> drawing(int columns, boolean colour) {
        List<String> lines = new ArrayList<>();
        if (members.size() <= MAX_TREES) {
            members.forEach(member -> tree(member, lines, colour));
            lines.add("");
        }
        matrix(lines, colour);
        lines.add("● linked  ○ known, no link  ? not heard for a while  ✗ not known");
        lines.add("");
        List<String> amiss = amiss();
        if (amiss.isEmpty()) {
            lines.add("The mesh is whole: " + Text.count(size(), "node") + ", " + Text.count(links(), "link")
                    + ", and all see the same.");
        }
        amiss.forEach(one -> lines.add("! " + Text.safe(one)));
        return columns == 0 || colour
                ? lines
                : lines.stream().map(line -> Text.cut(line, columns)).toList();
    }

    private void tree(Member from, List<String> lines, boolean colour) {
        lines.add((colour ? Style.HEADER.on(label(from)) : label(from)) + "  " + from.endpoint
                + (from.wasAsked() ? "" : "  (could not be asked: " + Text.safe(from.problem) + ")"));
        if (!from.wasAsked()) {
            return;
        }
        List<Member> others =
                members.stream().filter(to -> !to.id.equals(from.id)).toList();
        int width = others.stream().mapToInt(to -> Text.width(label(to))).max().orElse(0);
        for (int i = 0; i < others.size(); i++) {
            Member to = others.get(i);
            Sight sight = sight(from, to);
            String branch = i == others.size() - 1 ? "└──" : "├──";
            String sign = colour ? sight.style.on(sight.sign) : sight.sign;
            String name = label(to) + " ".repeat(width - Text.width(label(to)));
            lines.add(branch + sign + " " + name + "  " + how(sight, from.sees.get(to.id)));
        }
    }

    private static String how(Sight sight, Peer peer) {
        String text =
                switch (sight) {
                    case LINKED -> "linked";
                    case KNOWN -> "known, no link";
                    case SUSPECTED -> "not heard for a while";
                    default -> "not known";
                };
        if (peer == null) {
            return text;
        }
        return text
                + (peer.hasRoundTripUs() ? ", " + Text.millis(peer.getRoundTripUs()) : "")
                + (peer.hasClockAheadMs() ? String.format(", clock %+d ms", peer.getClockAheadMs()) : "");
    }

    /** A row for each node that sees, a column for each that is seen. */
    private void matrix(List<String> lines, boolean colour) {
        int nameWidth =
                members.stream().mapToInt(m -> Text.width(label(m))).max().orElse(0);
        int numberWidth = String.valueOf(members.size()).length();
        StringBuilder header = new StringBuilder(" ".repeat(numberWidth + 2 + nameWidth));
        for (int i = 1; i <= members.size(); i++) {
            header.append("  ").append(padded(String.valueOf(i), numberWidth));
        }
        lines.add(header.toString());
        for (int i = 0; i < members.size(); i++) {
            Member from = members.get(i);
            StringBuilder line = new StringBuilder(padded(String.valueOf(i + 1), numberWidth))
                    .append("  ")
                    .append(label(from))
                    .append(" ".repeat(nameWidth - Text.width(label(from))));
            for (Member to : members) {
                Sight sight = sight(from, to);
                line.append("  ")
                        .append(" ".repeat(numberWidth - 1))
                        .append(colour ? sight.style.on(sight.sign) : sight.sign);
            }
            lines.add(line.toString());
        }
    }

    private static String padded(String number, int width) {
        return " ".repeat(width - number.length()) + number;
    }

    private static Sight sight(Member from, Member to) {
        if (from.id.equals(to.id)) {
            return Sight.SELF;
        }
        if (!from.wasAsked()) {
            return Sight.UNASKED;
        }
        Peer peer = from.sees.get(to.id);
        if (peer == null) {
            return Sight.UNKNOWN;
        }
        if (!peer.getState().equals("alive")) {
            return Sight.SUSPECTED;
        }
        return peer.getLinked() ? Sight.LINKED : Sight.KNOWN;
    }

    private static String label(Member member) {
        return Text.safe(member.name.isEmpty() ? member.endpoint : member.name);
    }
}
