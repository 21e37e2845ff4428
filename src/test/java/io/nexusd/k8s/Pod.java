package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.nexusd.k8s.ProbeState.Verdict;
import io.nexusd.lab.Host;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Shell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One pod and the kubelet's part in its life, on a thread of its own: starts the container, asks the probes, starts it anew when
 * it ends or liveness fails, and stops it with SIGTERM, the grace period and SIGKILL. The pod keeps its address as long as it
 * lives; the next pod of the same name has another.
 */
final class Pod {
    private static final long TICK_NS = 20_000_000;
    private static final int DEFAULT_GRACE_S = 30;
    private static final long FIRST_BACKOFF_NS = 10_000_000_000L;

    private final String namespace;
    private final String name;
    private final String revision;
    private final PodSpec spec;
    private final Host host;
    private final String address;
    private final PodFiles files;
    private final Thread thread;
    private volatile LabDaemon daemon;
    private volatile long startedAtNs;
    private volatile long upAtNs;
    private volatile long readyAtNs;
    private volatile boolean isReady;
    private volatile boolean isDeleting;
    private volatile boolean isGone;
    private final AtomicInteger restarts = new AtomicInteger();
    private final AtomicInteger unreadyTimes = new AtomicInteger();
    private volatile int lastExitCode = -1;
    private volatile Throwable failure;

    Pod(String namespace, String name, String revision, PodSpec spec, Host host, PodFiles files) {
        this.namespace = namespace;
        this.name = name;
        this.revision = revision;
        this.spec = spec;
        this.host = host;
        address = host.address();
        this.files = files;
        thread = new Thread(this::live, "kubelet of " + name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Asks for the end of the pod; {@link #isGone()} tells when it has come. */
    void delete() {
        isDeleting = true;
    }

    private void live() {
        try {
            spec.getInitContainers().forEach(this::runInitContainer);
            while (!isDeleting) {
                runContainer();
                if (!isDeleting) {
                    restarts.incrementAndGet();
                    backOff();
                }
            }
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        } finally {
            isReady = false;
            files.close();
            isGone = true;
        }
    }

    /** The first restart is immediate, the next ones wait longer and longer. */
    private void backOff() {
        int count = restarts.get();
        long untilNs = System.nanoTime() + (count == 1 ? 0 : FIRST_BACKOFF_NS << Math.min(5, count - 2));
        while (!isDeleting && System.nanoTime() < untilNs) {
            LockSupport.parkNanos(TICK_NS);
        }
    }

    private Map<String, String> fields() {
        return Map.of(
                "metadata.name",
                name,
                "metadata.namespace",
                namespace,
                "status.podIP",
                address,
                "spec.nodeName",
                host.name());
    }

    /** Until it succeeds; the next container is not started before. */
    private void runInitContainer(Container init) {
        int exitCode = -1;
        while (!isDeleting && exitCode != 0) {
            List<String> command = files.commandLine(init, fields());
            LabDaemon running = host.startCommand(name + "-" + init.getName(), files.limits(), command);
            while (running.isAlive() && !isDeleting) {
                LockSupport.parkNanos(TICK_NS);
            }
            running.close();
            exitCode = running.exitCode(Duration.ofSeconds(5));
            files.containerEnded();
        }
    }

    private void runContainer() {
        List<String> command = files.commandLine(container(), fields());
        LabDaemon running = host.startCommand(name, files.limits(), command);
        startedAtNs = System.nanoTime();
        daemon = running;
        Verdict startup = probeUntilEnd(running);
        if (running.isAlive()) {
            stop(running, graceSeconds(startup));
        }
        lastExitCode = running.exitCode(Duration.ofSeconds(5));
        running.close();
        files.containerEnded();
    }

    /** Returns FAILURE when a probe wants the container ended, otherwise when it has ended or the pod is deleted. */
    private Verdict probeUntilEnd(LabDaemon running) {
        long nowNs = System.nanoTime();
        ProbeState startup = probe(container().getStartupProbe(), running, nowNs);
        ProbeState liveness = null;
        ProbeState readiness = null;
        while (running.isAlive() && !isDeleting) {
            nowNs = System.nanoTime();
            if (startup == null || startup.verdict() == Verdict.SUCCESS) {
                if (upAtNs < startedAtNs) {
                    upAtNs = nowNs;
                    liveness = probe(container().getLivenessProbe(), running, nowNs);
                    readiness = probe(container().getReadinessProbe(), running, nowNs);
                }
                setReady(readiness == null || readiness.tick(nowNs) == Verdict.SUCCESS);
                if (liveness != null && liveness.tick(nowNs) == Verdict.FAILURE) {
                    setReady(false);
                    return Verdict.FAILURE;
                }
            } else if (startup.tick(nowNs) == Verdict.FAILURE) {
                return Verdict.FAILURE;
            }
            LockSupport.parkNanos(TICK_NS);
        }
        isReady = false;
        return Verdict.UNKNOWN;
    }

    private void setReady(boolean ready) {
        if (isReady && !ready) {
            unreadyTimes.incrementAndGet();
        }
        if (ready && readyAtNs < startedAtNs) {
            readyAtNs = System.nanoTime();
        }
        isReady = ready;
    }

    private int graceSeconds(Verdict verdict) {
        Probe liveness = container().getLivenessProbe();
        if (verdict == Verdict.FAILURE && liveness != null && liveness.getTerminationGracePeriodSeconds() != null) {
            return liveness.getTerminationGracePeriodSeconds().intValue();
        }
        Long grace = spec.getTerminationGracePeriodSeconds();
        return grace == null ? DEFAULT_GRACE_S : grace.intValue();
    }

    private static void stop(LabDaemon running, int graceSeconds) {
        running.terminate();
        long deadlineNs = System.nanoTime() + graceSeconds * 1_000_000_000L;
        while (running.isAlive() && System.nanoTime() < deadlineNs) {
            LockSupport.parkNanos(TICK_NS);
        }
        if (running.isAlive()) {
            running.kill();
        }
    }

    private ProbeState probe(Probe probe, LabDaemon running, long nowNs) {
        return probe == null ? null : new ProbeState(probe, running.address(), this::port, nowNs);
    }

    /** The number of a port that is named or numbered. */
    int port(IntOrString port) {
        return port.getStrVal() == null
                ? port.getIntVal()
                : container().getPorts().stream()
                        .filter(each -> each.getName().equals(port.getStrVal()))
                        .findFirst()
                        .orElseThrow()
                        .getContainerPort();
    }

    private Container container() {
        return spec.getContainers().get(0);
    }

    /** What {@code kubectl exec} does: runs a command in the container, as its user, and returns what it printed. */
    String exec(String... command) {
        List<String> whole = new ArrayList<>(
                List.of("nsenter", "--target", String.valueOf(daemon.pid()), "--mount", "--net", "--root"));
        whole.addAll(
                List.of("setpriv", "--reuid", "65532", "--regid", "65532", "--clear-groups", "env", "--chdir=/", "-i"));
        whole.add(Containers.path());
        whole.add("NEXUSD_JAVA_OPTS=-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        whole.addAll(List.of(command));
        return Shell.runWithInput("", whole);
    }

    /** The process that runs now, or ran last; null before the first. */
    LabDaemon daemon() {
        return daemon;
    }

    String name() {
        return name;
    }

    String revision() {
        return revision;
    }

    Host host() {
        return host;
    }

    /** The one it has for all its life; the host gets another one for the next pod. */
    String address() {
        return address;
    }

    PodFiles files() {
        return files;
    }

    boolean isReady() {
        return isReady;
    }

    boolean isDeleting() {
        return isDeleting;
    }

    boolean isGone() {
        return isGone;
    }

    int restarts() {
        return restarts.get();
    }

    /** How often it was ready and then not, without being deleted. */
    int unreadyTimes() {
        return unreadyTimes.get();
    }

    int lastExitCode() {
        return lastExitCode;
    }

    /** What the player itself could not do. */
    Throwable failure() {
        return failure;
    }

    /** {@link System#nanoTime()} at which the process was started. */
    long startedAtNs() {
        return startedAtNs;
    }

    /** {@link System#nanoTime()} at which the startup probe of the process that runs now succeeded, 0 before the first. */
    long upAtNs() {
        return upAtNs;
    }

    /** {@link System#nanoTime()} at which the probes found the process that runs now ready for the first time, 0 before. */
    long readyAtNs() {
        return readyAtNs;
    }

    long memoryLimitBytes() {
        Quantity limit = container().getResources().getLimits().get("memory");
        return Containers.bytes(limit);
    }
}
