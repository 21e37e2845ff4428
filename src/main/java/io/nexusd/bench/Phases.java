package io.nexusd.bench;

import io.nexusd.wire.CommandFailure;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * The course of one run, whoever carries the messages: warm-up, then the measured phase; each begins with nothing on its way and
 * ends when all that was published is accounted for, or nothing has moved for a while.
 */
final class Phases {
    /** The load, started and stopped by the phases. Called by one thread that is not an event loop. */
    interface Load {
        /** Begins to publish; the schedule is empty when it is to go flat out. */
        void begin(int phase, Optional<Pacer.Schedule> schedule);

        /** A message of this publisher is due. */
        void wake(int publisher);

        /** Publishes nothing more, where there is no schedule. */
        void end();

        /** Tells whether all that was published is answered. */
        boolean isAnswered();

        long accepted();

        long rejected();

        /** Returns the times of the answers; only asked for when everything is answered. */
        Histogram answerNs();

        /** Throws what broke the load, if something did. */
        void check();
    }

    /** How long and how fast. */
    record Shape(int publishers, long ratePerSecond, int warmUpMs, int durationMs, int timeoutMs, List<Long> pids) {}

    /** Messages on their way that do not move for so long are written off: the daemon tells of losses once a second. */
    private static final long STALL_NS = 3_000_000_000L;

    private static final long PROGRESS_NS = 1_000_000_000L;
    private static final int POLL_MS = 5;
    private static final int WARM_UP = 1;
    private static final int MEASURED = 2;

    private final Shape shape;
    private final Load load;
    private final Flow flow;
    private final List<Tally> tallies;
    private final Consumer<String> progress;
    private long movedNs;
    private long movedSettled;
    private long shownNs;
    private long shownPublished;
    private long shownReceived;

    Phases(Shape shape, Load load, Flow flow, List<Tally> tallies, Consumer<String> progress) {
        this.shape = shape;
        this.load = load;
        this.flow = flow;
        this.tallies = tallies;
        this.progress = progress;
    }

    /**
     * Runs both phases.
     *
     * @throws CommandFailure when the load breaks or the answers do not come
     */
    Result run() {
        if (shape.warmUpMs() > 0) {
            phase("warm-up", WARM_UP, shape.warmUpMs());
        }
        return phase("measured", MEASURED, shape.durationMs());
    }

    private Result phase(String name, int number, int durationMs) {
        flow.begin();
        tallies.forEach(tally -> tally.begin(number));
        Optional<ProcessUse> before =
                shape.pids().isEmpty() ? Optional.empty() : Optional.of(ProcessUse.of(shape.pids()));
        progress.accept(String.format(Locale.ROOT, "%-8s  for %s s", name, durationMs / 1000.0));
        long cpuBeforeNs = cpuNs();
        long startNs = System.nanoTime();
        movedNs = startNs;
        movedSettled = 0;
        shownNs = startNs;
        shownPublished = 0;
        shownReceived = 0;
        long endNs = startNs + durationMs * 1_000_000L;
        if (shape.ratePerSecond() > 0) {
            Pacer.Schedule schedule =
                    new Pacer.Schedule(startNs, shape.ratePerSecond(), shape.publishers(), durationMs);
            load.begin(number, Optional.of(schedule));
            Pacer pacer = new Pacer(schedule, load::wake);
            pacer.start();
            // What was due is published however late: leaving it out would hide the worst latencies.
            await(name, endNs, () -> flow.totalPublished() == schedule.total());
            pacer.stop();
        } else {
            load.begin(number, Optional.empty());
            await(name, endNs, () -> System.nanoTime() >= endNs);
        }
        load.end();
        await(name, endNs, load::isAnswered);
        await(name, endNs, () -> tallies.stream().allMatch(tally -> tally.settled() >= load.accepted()));
        return result(startNs, cpuBeforeNs, before);
    }

    private Result result(long startNs, long cpuBeforeNs, Optional<ProcessUse> before) {
        Histogram latencyNs = Tally.newHistogram();
        tallies.forEach(tally -> latencyNs.add(tally.latencyNs()));
        long lastNs = tallies.stream().mapToLong(Tally::lastNs).max().orElseGet(System::nanoTime);
        return new Result(
                flow.totalPublished(),
                load.accepted(),
                load.rejected(),
                load.accepted() * tallies.size(),
                tallies.stream().mapToLong(Tally::received).sum(),
                tallies.stream().mapToLong(Tally::dropped).sum(),
                tallies.stream().mapToLong(Tally::expired).sum(),
                tallies.stream().mapToLong(Tally::outOfOrder).sum(),
                Math.max(0, lastNs - startNs) / 1e9,
                latencyNs,
                load.answerNs(),
                (cpuNs() - cpuBeforeNs) / 1e9,
                before.map(use -> ProcessUse.of(shape.pids()).since(use)));
    }

    /** Waits, shows progress, and writes off what no longer moves. */
    private void await(String name, long endNs, BooleanSupplier condition) {
        long giveUpNs = endNs + shape.timeoutMs() * 1_000_000L + 2 * STALL_NS;
        while (!condition.getAsBoolean()) {
            load.check();
            long nowNs = System.nanoTime();
            long settled = flow.slowest();
            if (settled != movedSettled || flow.open() <= 0) {
                movedSettled = settled;
                movedNs = nowNs;
            } else if (nowNs - movedNs > STALL_NS && load.isAnswered()) {
                flow.writeOff();
            }
            // A rate that cannot be kept ends late, but while it moves it will end.
            if (nowNs - giveUpNs > 0 && nowNs - movedNs > STALL_NS) {
                throw new CommandFailure(
                        CommandFailure.TIMED_OUT,
                        "the run does not end: published " + flow.totalPublished() + ", accepted " + load.accepted()
                                + ", settled " + settled);
            }
            show(name, nowNs);
            pause();
        }
    }

    private void show(String name, long nowNs) {
        if (nowNs - shownNs < PROGRESS_NS) {
            return;
        }
        double seconds = (nowNs - shownNs) / 1e9;
        long published = flow.totalPublished();
        long received = tallies.stream().mapToLong(Tally::received).sum();
        long dropped = tallies.stream()
                .mapToLong(tally -> tally.dropped() + tally.expired())
                .sum();
        progress.accept(String.format(
                Locale.ROOT,
                "%-8s  %,12.0f published/s  %,12.0f received/s  %,8d on their way  %,d dropped",
                name,
                (published - shownPublished) / seconds,
                (received - shownReceived) / seconds,
                Math.max(0, flow.open()),
                dropped));
        shownNs = nowNs;
        shownPublished = published;
        shownReceived = received;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(CommandFailure.FAILED, "interrupted");
        }
    }

    private static long cpuNs() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean process
                ? process.getProcessCpuTime()
                : 0;
    }
}
