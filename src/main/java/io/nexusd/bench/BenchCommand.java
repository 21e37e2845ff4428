package io.nexusd.bench;

import io.nexusd.model.Endpoint;
import io.nexusd.model.Settings;
import io.nexusd.wire.CommandFailure;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench}: its options and its exit code. */
@Command(
        name = "nexusd bench",
        description = "Measures throughput and latency of one running daemon, or between two nodes of a mesh.",
        sortOptions = false,
        usageHelpAutoWidth = true)
public final class BenchCommand implements Callable<Integer> {
    /** The daemon's own default; a larger payload needs app.max-payload-bytes and may be refused there. */
    private static final int MAX_PAYLOAD_BYTES = Settings.App.DEFAULT_MAX_PAYLOAD_BYTES;

    private static final int MAX_CLIENTS = 10_000;

    @Option(
            names = "--target",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:" + Settings.App.DEFAULT_PORT,
            description = "Where publishers connect; ${DEFAULT-VALUE}.")
    private String target;

    @Option(
            names = "--target2",
            paramLabel = "HOST:PORT",
            description = "Where subscribers connect, another node of the mesh; the same node when absent.")
    private String target2;

    @Option(
            names = "--mode",
            defaultValue = "stream",
            description = "unary: a call a message. stream: PublishStream. batch: PublishBatchStream, and batches to"
                    + " subscribers. ${DEFAULT-VALUE}.")
    private Plan.Mode mode;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "256",
            description = "Payload, at least 16; ${DEFAULT-VALUE}.")
    private int payloadBytes;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Each on a connection of its own; ${DEFAULT-VALUE}.")
    private int publishers;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Each gets every message; 0: only the answers are measured. ${DEFAULT-VALUE}.")
    private int subscribers;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Messages a second of all publishers together; 0 is flat out. Latencies count from when a"
                    + " message was due.")
    private long ratePerSecond;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "10",
            description = "Measured seconds; ${DEFAULT-VALUE}.")
    private double durationS;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "3",
            description = "Seconds before that count for nothing; ${DEFAULT-VALUE}.")
    private double warmUpS;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "0",
            description = "Messages on their way at most; by default 8192 or 16 MiB, whichever is less.")
    private int window;

    @Option(
            names = "--wait-for",
            defaultValue = "subscribers",
            description = "What ends a message's place in the window: subscribers (nothing is dropped) or answers (slow"
                    + " subscribers lose messages). ${DEFAULT-VALUE}.")
    private WaitFor waitFor;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "64",
            description = "Mode unary: calls unanswered at most, for each publisher; ${DEFAULT-VALUE}.")
    private int callsInFlight;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "0",
            description = "Mode batch: messages in a batch at most; by default 256 or 64 KiB.")
    private int batch;

    @Option(
            names = "--codec",
            defaultValue = "raw",
            description = "raw: the client frames by hand. protobuf: generated classes, as applications use them."
                    + " ${DEFAULT-VALUE}.")
    private Plan.Codec codec;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            split = ",",
            description = "Report the CPU time and memory of these processes of this machine.")
    private List<Long> pids = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            defaultValue = "5000",
            description = "For connecting and for what should not take long; ${DEFAULT-VALUE}.")
    private int timeoutMs;

    @Option(names = "--json", description = "One JSON object instead of a table.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on standard error.")
    private boolean quiet;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this.")
    private boolean help;

    private final PrintStream out;
    private final PrintStream err;

    /** What the publishers wait for. */
    enum WaitFor {
        SUBSCRIBERS,
        ANSWERS
    }

    private BenchCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Returns the command as the parser knows it. */
    public static CommandLine commandLine(PrintStream out, PrintStream err) {
        return new CommandLine(new BenchCommand(out, err));
    }

    /**
     * Runs the command.
     *
     * @return the exit code: 0 done, 1 messages were lost or the run broke, 2 usage, 3 unreachable, 4 denied, 5 timed out, 6
     *     rejected by the daemon
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        return commandLine(out, err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setParameterExceptionHandler((e, given) -> failed(CommandFailure.USAGE, e.getMessage(), err))
                .setExecutionExceptionHandler((e, command, parsed) -> e instanceof CommandFailure failure
                        ? failed(failure.exitCode(), failure.getMessage(), err)
                        : failed(CommandFailure.FAILED, e.toString(), err))
                .execute(args);
    }

    @Override
    public Integer call() {
        Plan plan = plan();
        try (BenchRun run = new BenchRun(plan)) {
            Result result = run.run(quiet ? line -> {} : err::println);
            if (json) {
                out.println(Report.json(plan, result).encode());
            } else {
                Report.table(plan, result, out);
            }
            return verdict(result);
        }
    }

    private int verdict(Result result) {
        if (result.rejected() > 0) {
            return failed(CommandFailure.REJECTED, result.rejected() + " messages were rejected by the daemon", err);
        }
        if (result.lost() != 0 || result.outOfOrder() > 0) {
            return failed(
                    CommandFailure.FAILED,
                    result.lost() + " messages are unaccounted for, " + result.outOfOrder()
                            + " came out of order; the daemons count what they drop between nodes in"
                            + " nexusd_messages_dropped_total",
                    err);
        }
        return 0;
    }

    private Plan plan() {
        within("--size", payloadBytes, Stamp.BYTES, MAX_PAYLOAD_BYTES);
        within("--publishers", publishers, 1, MAX_CLIENTS);
        within("--subscribers", subscribers, 0, MAX_CLIENTS);
        within("--rate", ratePerSecond, 0, 10_000_000);
        within("--duration", durationS, 0.1, 86_400);
        within("--warm-up", warmUpS, 0, 86_400);
        within("--window", window, 0, 1_000_000);
        within("--in-flight", callsInFlight, 1, 10_000);
        within("--batch", batch, 0, 10_000);
        within("--timeout", timeoutMs, 1, 3_600_000);
        Endpoint publishTo = endpoint("--target", target);
        return new Plan(
                publishTo,
                target2 == null ? publishTo : endpoint("--target2", target2),
                mode,
                codec,
                "bench/" + UUID.randomUUID().toString().substring(0, 8),
                payloadBytes,
                publishers,
                subscribers,
                ratePerSecond,
                callsInFlight,
                window == 0 ? Plan.defaultWindow(payloadBytes) : window,
                batch,
                waitFor == WaitFor.SUBSCRIBERS && subscribers > 0,
                (int) (warmUpS * 1000),
                (int) (durationS * 1000),
                timeoutMs,
                pids);
    }

    private static Endpoint endpoint(String option, String text) {
        try {
            return Endpoint.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(CommandFailure.USAGE, option + ": " + e.getMessage());
        }
    }

    private static void within(String option, double value, double least, double most) {
        if (value < least || value > most) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    String.format(
                            Locale.ROOT,
                            "%s: %s is not between %s and %s",
                            option,
                            plain(value),
                            plain(least),
                            plain(most)));
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }

    private static int failed(int code, String message, PrintStream err) {
        err.println("nexusd bench: " + message);
        return code;
    }
}
