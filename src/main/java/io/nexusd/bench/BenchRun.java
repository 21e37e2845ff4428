package io.nexusd.bench;

import io.nexusd.wire.CommandFailure;
import io.nexusd.wire.FileAccess;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** One run against running daemons: opens publishers and subscribers, waits until they reach each other, and runs the phases. */
final class BenchRun implements Phases.Load, AutoCloseable {
    private static final int PROBE_PAUSE_MS = 20;

    private final Plan plan;
    private final Vertx vertx = Vertx.vertx(new VertxOptions()
            .setEventLoopPoolSize(Math.max(2, Runtime.getRuntime().availableProcessors()))
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1)
            .setFileSystemOptions(FileAccess.withoutCache()));
    private final List<Tally> tallies = new ArrayList<>();
    private final List<PublisherVerticle> publishers = new ArrayList<>();
    private final AtomicReference<CommandFailure> broken = new AtomicReference<>();
    private final Flow flow;

    BenchRun(Plan plan) {
        this.plan = plan;
        for (int i = 0; i < plan.subscribers(); i++) {
            tallies.add(new Tally(plan.publishers()));
        }
        flow = new Flow(plan.window(), tallies, plan.publishers(), this::wake);
    }

    /**
     * Runs to the end.
     *
     * @throws CommandFailure when it cannot
     */
    Result run(Consumer<String> progress) {
        for (Tally tally : tallies) {
            deploy(new SubscriberVerticle(plan, flow, tally, this::onBroken));
        }
        for (int i = 0; i < plan.publishers(); i++) {
            PublisherVerticle publisher = new PublisherVerticle(plan, i, flow, this::onBroken);
            deploy(publisher);
            publishers.add(publisher);
        }
        reach();
        Phases.Shape shape = new Phases.Shape(
                plan.publishers(),
                plan.ratePerSecond(),
                plan.warmUpMs(),
                plan.durationMs(),
                plan.timeoutMs(),
                plan.pids());
        return new Phases(shape, this, flow, tallies, progress).run();
    }

    @Override
    public void begin(int phase, Optional<Pacer.Schedule> schedule) {
        publishers.forEach(publisher -> await(publisher.begin(phase, schedule.orElse(null))));
    }

    @Override
    public void wake(int publisher) {
        publishers.get(publisher).wake();
    }

    @Override
    public void end() {
        publishers.forEach(publisher -> await(publisher.endPhase()));
    }

    @Override
    public boolean isAnswered() {
        return publishers.stream().map(PublisherVerticle::sent).allMatch(sent -> sent.answered == sent.published);
    }

    @Override
    public long accepted() {
        return publishers.stream()
                .mapToLong(publisher -> publisher.sent().accepted)
                .sum();
    }

    @Override
    public long rejected() {
        return publishers.stream()
                .mapToLong(publisher -> publisher.sent().rejected)
                .sum();
    }

    @Override
    public Histogram answerNs() {
        Histogram all = Tally.newHistogram();
        publishers.forEach(publisher -> all.add(publisher.sent().answerNs));
        return all;
    }

    @Override
    public void check() {
        CommandFailure failure = broken.get();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        vertx.close();
    }

    /** Publishes probes until every subscriber has got one: interest takes a moment to cross nodes. */
    private void reach() {
        long deadlineNs = System.nanoTime() + plan.timeoutMs() * 1_000_000L;
        while (!tallies.stream().allMatch(Tally::isReached)) {
            await(publishers.get(0).probe());
            check();
            if (System.nanoTime() - deadlineNs > 0) {
                throw new CommandFailure(
                        CommandFailure.TIMED_OUT,
                        "what is published at " + plan.publishTo() + " does not reach the subscribers at "
                                + plan.subscribeAt() + " within " + plan.timeoutMs()
                                + " ms; are they members of one mesh? (nexusd-cli MESH PEERS)");
            }
            try {
                Thread.sleep(PROBE_PAUSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(CommandFailure.FAILED, "interrupted");
            }
        }
    }

    private void deploy(Deployable verticle) {
        await(vertx.deployVerticle(verticle));
    }

    private void onBroken(CommandFailure failure) {
        broken.compareAndSet(null, failure);
    }

    private <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(plan.timeoutMs(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw CommandFailure.of(e.getCause(), plan.publishTo().toString());
        } catch (TimeoutException e) {
            check();
            throw CommandFailure.of(e, plan.publishTo().toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(CommandFailure.FAILED, "interrupted");
        }
    }
}
