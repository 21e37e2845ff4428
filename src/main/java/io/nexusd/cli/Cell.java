package io.nexusd.cli;

/**
 * A value in a table.
 *
 * @param value as programs read it; null for none
 * @param text as people read it
 */
record Cell(Object value, String text, Style style) {
    /** A value that people and programs read alike. */
    static Cell of(Object value) {
        return value instanceof Cell cell ? cell : new Cell(value, Text.of(value), Style.PLAIN);
    }

    static Cell of(Object value, String text) {
        return new Cell(value, Text.safe(text), Style.PLAIN);
    }

    static Cell duration(long ms) {
        return of(ms, Text.duration(ms));
    }

    static Cell bytes(long bytes) {
        return of(bytes, Text.bytes(bytes));
    }

    /** A state, in the colour of how well that is. */
    static Cell state(String state) {
        Style style =
                switch (state) {
                    case "alive", "streaming", "ready" -> Style.GOOD;
                    case "suspected", "away", "paused", "not ready" -> Style.WARNING;
                    case "dead" -> Style.BAD;
                    default -> Style.PLAIN;
                };
        return new Cell(state, Text.of(state), style);
    }

    boolean isNumber() {
        return value instanceof Number;
    }
}
