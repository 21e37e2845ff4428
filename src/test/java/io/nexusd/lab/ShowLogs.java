package io.nexusd.lab;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Prints the end of every daemon's log when a test of the class fails. */
public final class ShowLogs implements TestExecutionExceptionHandler, AfterAllCallback {
    private static final int LINES = 60;
    private static final List<LabDaemon> DAEMONS = new CopyOnWriteArrayList<>();

    static void add(LabDaemon daemon) {
        DAEMONS.add(daemon);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
        System.err.println("---- " + context.getRequiredTestClass().getSimpleName() + "." + context.getDisplayName()
                + " failed: " + thrown);
        for (LabDaemon daemon : DAEMONS) {
            List<String> lines = daemon.logLines();
            System.err.println("---- " + daemon.log() + " (" + lines.size() + " lines)");
            lines.stream().skip(Math.max(0, lines.size() - LINES)).forEach(System.err::println);
        }
        throw thrown;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        DAEMONS.clear();
    }
}
