package io.nexusd.bench;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nexusd.wire.CommandFailure;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The same load for a NATS server, by its own Java client: the same phases, window, stamps and result as {@code nexusd bench}.
 * Core NATS has no answer to a publish, so a message counts as accepted when the client has taken it.
 */
@Command(name = "nats-load")
public final class NatsLoad implements Phases.Load, Runnable {
    /** A subscriber wakes waiting publishers after so many messages; the window is many times as large. */
    private static final int PROGRESS_MASK = 63;

    private static final int NOT_PUBLISHING = -1;
    private static final int PROBE_PAUSE_MS = 20;

    @Option(names = "--target", defaultValue = "nats://127.0.0.1:4222")
    private String target;

    @Option(names = "--target2")
    private String target2;

    @Option(names = "--size", defaultValue = "256")
    private int payloadBytes;

    @Option(names = "--publishers", defaultValue = "1")
    private int publishers;

    @Option(names = "--subscribers", defaultValue = "1")
    private int subscribers;

    @Option(names = "--rate", defaultValue = "0")
    private long ratePerSecond;

    @Option(names = "--duration", defaultValue = "10")
    private double durationS;

    @Option(names = "--warm-up", defaultValue = "3")
    private double warmUpS;

    @Option(names = "--pid", split = ",")
    private List<Long> pids = List.of();

    private final String subject = "bench." + UUID.randomUUID();
    private final List<Tally> tallies = new ArrayList<>();
    private final List<Publisher> threads = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private Flow flow;
    private AtomicLongArray done;
    private volatile int phase = NOT_PUBLISHING;
    private volatile Pacer.Schedule schedule;
    private volatile boolean closed;

    /** Runs the load and prints the result as JSON. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new NatsLoad()).setExpandAtFiles(false).execute(args));
    }

    @Override
    public void run() {
        int window = Plan.defaultWindow(payloadBytes);
        for (int i = 0; i < subscribers; i++) {
            tallies.add(new Tally(publishers));
        }
        done = new AtomicLongArray(publishers);
        flow = new Flow(window, tallies, publishers, this::wake);
        try {
            for (Tally tally : tallies) {
                subscribe(connect(target2 == null ? target : target2), tally);
            }
            for (int i = 0; i < publishers; i++) {
                threads.add(new Publisher(i, connect(target)));
            }
            reach();
            threads.forEach(Thread::start);
            Phases.Shape shape = new Phases.Shape(
                    publishers, ratePerSecond, (int) (warmUpS * 1000), (int) (durationS * 1000), 5000, pids);
            Result result = new Phases(shape, this, flow, tallies, System.err::println).run();
            JsonObject json = new JsonObject().put("mode", "nats").mergeIn(result.toJson(payloadBytes));
            System.out.println(json.encode());
            closed = true;
            for (Connection connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            throw new CommandFailure(CommandFailure.UNREACHABLE, "cannot reach " + target + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Connection connect(String server) throws IOException, InterruptedException {
        Connection connection = Nats.connect(Options.builder()
                .server(server)
                .noReconnect()
                .maxMessagesInOutgoingQueue(Plan.defaultWindow(payloadBytes) + 1)
                .connectionTimeout(Duration.ofSeconds(5))
                .build());
        connections.add(connection);
        return connection;
    }

    private void subscribe(Connection connection, Tally tally) throws InterruptedException {
        Dispatcher dispatcher = connection.createDispatcher(message -> {
            byte[] payload = message.getData();
            tally.onMessage(Stamp.intendedNs(payload, 0), Stamp.rest(payload, 0), System.nanoTime());
            if ((tally.received() & PROGRESS_MASK) == 0) {
                flow.onProgress();
            }
        });
        dispatcher.setPendingLimits(-1, -1);
        dispatcher.subscribe(subject);
        try {
            connection.flush(Duration.ofSeconds(5));
        } catch (java.util.concurrent.TimeoutException e) {
            throw new CommandFailure(CommandFailure.TIMED_OUT, "the NATS server does not answer");
        }
    }

    private void reach() throws InterruptedException {
        while (!tallies.stream().allMatch(Tally::isReached)) {
            byte[] probe = new byte[Stamp.BYTES];
            Stamp.write(probe, 0, 0, Stamp.PROBE, 0, 0);
            threads.get(0).connection.publish(subject, probe);
            Thread.sleep(PROBE_PAUSE_MS);
        }
    }

    @Override
    public void begin(int newPhase, Optional<Pacer.Schedule> newSchedule) {
        for (int i = 0; i < publishers; i++) {
            done.set(i, 0);
        }
        schedule = newSchedule.orElse(null);
        phase = newPhase;
        threads.forEach(LockSupport::unpark);
    }

    @Override
    public void wake(int publisher) {
        LockSupport.unpark(threads.get(publisher));
    }

    @Override
    public void end() {
        phase = NOT_PUBLISHING;
        // The number of the last message is final once its thread has seen that.
        while (threads.stream().anyMatch(thread -> !thread.idle)) {
            threads.forEach(LockSupport::unpark);
            Thread.yield();
        }
    }

    @Override
    public boolean isAnswered() {
        return true;
    }

    @Override
    public long accepted() {
        return flow.totalPublished();
    }

    @Override
    public long rejected() {
        return 0;
    }

    @Override
    public Histogram answerNs() {
        return Tally.newHistogram();
    }

    @Override
    public void check() {
        threads.forEach(thread -> {
            if (!thread.isAlive()) {
                throw new CommandFailure(CommandFailure.FAILED, "a publisher thread has ended: " + thread.problem);
            }
        });
    }

    private final class Publisher extends Thread {
        private final int index;
        private final Connection connection;
        private final byte[] template;
        private volatile boolean idle = true;
        private volatile String problem = "";

        Publisher(int index, Connection connection) {
            super("nats-publisher-" + index);
            setDaemon(true);
            this.index = index;
            this.connection = connection;
            template = new byte[payloadBytes];
            java.util.Arrays.fill(template, (byte) 'n');
        }

        @Override
        public void run() {
            try {
                while (!closed) {
                    int now = phase;
                    if (now == NOT_PUBLISHING) {
                        idle = true;
                        LockSupport.park();
                    } else {
                        idle = false;
                        publish(now);
                    }
                }
            } catch (RuntimeException e) {
                problem = e.toString();
            }
        }

        private void publish(int now) {
            Pacer.Schedule paced = schedule;
            long number = done.get(index);
            while (phase == now) {
                long nowNs = System.nanoTime();
                long due = paced == null ? Long.MAX_VALUE : paced.dueOf(index, nowNs) - number;
                long room = Math.min(due, flow.room());
                if (room <= 0) {
                    if (due <= 0 || flow.park(index)) {
                        LockSupport.park();
                    }
                    continue;
                }
                for (long i = 0; i < room && phase == now; i++) {
                    byte[] payload = template.clone();
                    long dueNs = paced == null ? System.nanoTime() : paced.dueNs(index, number);
                    Stamp.write(payload, 0, dueNs, now, index, number);
                    number++;
                    flow.published(index, number);
                    connection.publish(subject, payload);
                }
                done.set(index, number);
            }
        }
    }
}
