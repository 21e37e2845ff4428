package io.nexusd.cli;

import io.nexusd.wire.CommandFailure;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command: finds what all commands share, and succeeds unless it throws. */
abstract class Subcommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    /** Does what the command says. */
    abstract void run();

    @Override
    public Integer call() {
        run();
        output().flush();
        return 0;
    }

    /** Fails unless the value given for an option is one that it can have. */
    static void atLeast(String option, long value, long least) {
        if (value < least) {
            throw new CommandFailure(
                    CommandFailure.USAGE, option + " is " + value + "; it must be " + least + " or more");
        }
    }

    Session session() {
        return ((Commands) spec.root().userObject()).session();
    }

    /** Returns the words of the whole line, as they were given. */
    List<String> arguments() {
        return spec.root().commandLine().getParseResult().originalArgs();
    }

    DaemonClient daemon() {
        return session().daemon();
    }

    Output output() {
        return ((Commands) spec.root().userObject()).output();
    }
}
