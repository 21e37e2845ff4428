package io.nexusd.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * What standard output is: a terminal with so many columns, or something that is read by programs.
 *
 * @param columns width in characters, 0 for no limit; asked each time, for windows are resized
 * @param terminal a person looks at it
 */
record Screen(IntSupplier columns, boolean terminal) {
    /** Set by the start script, which knows without cost whether standard output is a terminal and how wide it is. */
    private static final String COLUMNS = "nexusd.cli.columns";

    private static final int USUAL_COLUMNS = 80;
    private static final int STTY_TIMEOUT_MS = 500;

    /** Not a terminal. */
    static final Screen FILE = new Screen(() -> 0, false);

    static Screen detect() {
        String told = System.getProperty(COLUMNS);
        if (told != null) {
            int columns = number(told);
            return new Screen(() -> columns, true);
        }
        if (System.console() == null) {
            return FILE;
        }
        int columns = askStty();
        return new Screen(() -> columns, true);
    }

    /** Tells whether colours are wanted; source: no-color.org. */
    boolean colour() {
        String noColour = System.getenv("NO_COLOR");
        return terminal && (noColour == null || noColour.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
    }

    private static int askStty() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            stty.waitFor(STTY_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            return number(answer.substring(answer.indexOf(' ') + 1));
        } catch (IOException e) {
            return USUAL_COLUMNS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL_COLUMNS;
        }
    }

    private static int number(String text) {
        try {
            int columns = Integer.parseInt(text);
            return columns > 0 ? columns : USUAL_COLUMNS;
        } catch (NumberFormatException e) {
            return USUAL_COLUMNS;
        }
    }
}
