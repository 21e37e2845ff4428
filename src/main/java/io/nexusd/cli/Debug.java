package io.nexusd.cli;

import io.nexusd.proto.admin.GetObjectRequest;
import io.nexusd.proto.admin.GetObjectResponse;
import io.nexusd.proto.admin.LogLevelRequest;
import io.nexusd.proto.admin.LogLevelResponse;
import io.nexusd.proto.admin.SleepRequest;
import io.nexusd.proto.admin.SleepResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** For those who look for a fault. */
@Command(
        name = "DEBUG",
        description = "For those who look for a fault.",
        subcommands = {Debug.Log.class, Debug.ObjectOf.class, Debug.Sleep.class})
final class Debug {
    /** The log level. */
    @Command(
            name = "LOG",
            description = "Tells the log level, or sets it until it is configured anew or the daemon restarts.")
    static final class Log extends Subcommand {
        @Parameters(
                arity = "0..1",
                defaultValue = "",
                paramLabel = "level",
                description = "TRACE, DEBUG, INFO, WARN, ERROR or FATAL.")
        private String level;

        @Override
        void run() {
            LogLevelResponse answer = daemon().admin(
                            "LogLevel",
                            LogLevelRequest.newBuilder().setLevel(level).build(),
                            LogLevelResponse.parser());
            output().table(new Table("level", "configured").row(answer.getLevel(), answer.getConfigured()));
        }
    }

    /** What the node holds of one thing. */
    @Command(name = "OBJECT", description = "What the node holds of a topic, a subscription or a peer.")
    static final class ObjectOf extends Subcommand {
        @Parameters(
                paramLabel = "key",
                description = "A topic, a subscription id, or the name, endpoint or id of a peer.")
        private String key;

        @Override
        void run() {
            GetObjectResponse object = daemon().admin(
                            "GetObject",
                            GetObjectRequest.newBuilder().setKey(key).build(),
                            GetObjectResponse.parser());
            Fields fields = new Fields().add("kind", object.getKind());
            object.getFieldsList().forEach(field -> fields.add(field.getName(), field.getValue()));
            output().fields(fields);
        }
    }

    /** An answer that comes late. */
    @Command(name = "SLEEP", description = "Has the daemon answer later; nothing else waits for it.")
    static final class Sleep extends Subcommand {
        @Parameters(paramLabel = "ms", description = "Milliseconds; with a --timeout below it the command times out.")
        private long durationMs;

        @Override
        void run() {
            SleepResponse answer = daemon().admin(
                            "Sleep",
                            SleepRequest.newBuilder().setDurationMs(durationMs).build(),
                            SleepResponse.parser());
            output().table(new Table("slept_ms=slept").row(Cell.duration(answer.getSleptMs())));
        }
    }
}
