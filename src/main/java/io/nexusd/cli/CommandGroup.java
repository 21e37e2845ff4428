package io.nexusd.cli;

/** A command that has commands of its own, one of which runs when none is named. */
interface CommandGroup {
    /** Returns the name of the command that runs when none is named. */
    String usualCommand();
}
