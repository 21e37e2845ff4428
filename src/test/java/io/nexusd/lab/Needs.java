package io.nexusd.lab;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.jni.NativeLibrary;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BooleanSupplier;
import org.opentest4j.TestAbortedException;

/**
 * Capabilities of the machine that some tests need beyond a JDK and Maven. A test whose need is not met is left out and listed at the
 * end of the build; {@code -Dnexusd.lab=required} fails it instead, {@code -Dnexusd.lab=off} leaves out every such test.
 */
public enum Needs {
    NETWORK_NAMESPACES(
            "root, network namespaces, and Debian's packages iproute2, nftables, dnsmasq-base, iputils-ping and python3",
            () -> "0".equals(output("id", "-u").strip())
                    && succeeds("unshare", "--net", "true")
                    && List.of("ip", "nft", "dnsmasq", "ping", "python3").stream()
                            .allMatch(Needs::isInstalled)),
    KUBECTL("kubectl 1.24 or later, which renders the manifests", () -> succeeds("kubectl", "kustomize", "k8s")),
    HELM(
            "Helm's native library, which com.marcnuri.helm-java has for Linux on amd64, macOS, and Windows on amd64",
            Needs::hasHelm),
    PYTHON(
            "Debian's packages python3-grpcio and python3-protobuf",
            () -> succeeds(
                    System.getProperty("nexusd.python", "/usr/bin/python3"), "-c", "import grpc, google.protobuf")),
    NODE("Node.js with npm", () -> succeeds("node", "--version") && succeeds("npm", "--version")),
    PROMETHEUS("prometheus and promtool, Debian's package prometheus", () -> succeeds("prometheus", "--version")),
    COMPOSE("docker-compose, Debian's package of that name", () -> succeeds("docker-compose", "--version")),
    TMUX("tmux", () -> succeeds("tmux", "-V")),
    NATIVE_SOCKETS("Linux on x86-64, ARM64 or RISC-V, for datagram sockets with a path", Epoll::isAvailable),
    SYSTEMD(
            "systemd-analyze of systemd 250 or later, Debian's package systemd",
            () -> succeeds("systemd-analyze", "security", "--offline=true", "deploy/debian/nexusd.service")),
    DEBIAN_PACKAGE("the Debian package that mvn -Pdeb makes, and bash", Needs::hasDebianPackage),
    OTHER_JDK(
            "a JDK of another version, 17 or later, in /usr/lib/jvm or named by -Dnexusd.jdks",
            () -> !OtherJdks.find().isEmpty()),
    FAKETIME("libfaketime, Debian's package faketime", SteppedClock::isInstalled),
    TIME("minutes", () -> "required".equals(mode()));

    private static final Path LEFT_OUT = Path.of("target", "left-out");

    private final String description;
    private final BooleanSupplier probe;
    private Boolean isMet;

    Needs(String description, BooleanSupplier probe) {
        this.description = description;
        this.probe = probe;
    }

    /**
     * Returns when the need is met.
     *
     * @throws TestAbortedException when it is not: the calling test is left out and listed
     * @throws IllegalStateException when it is not, under {@code -Dnexusd.lab=required}
     */
    public void require() {
        String test = testClass();
        unmet(test).ifPresent(why -> {
            throw new TestAbortedException(why);
        });
    }

    /**
     * Returns why a test is left out, which is then listed; empty when the need is met.
     *
     * @throws IllegalStateException when it is not met under {@code -Dnexusd.lab=required}
     */
    Optional<String> unmet(String test) {
        String mode = mode();
        if (!List.of("auto", "required", "off").contains(mode)) {
            throw new IllegalStateException("-Dnexusd.lab=" + mode + " is not one of auto, required, off");
        }
        if (!"off".equals(mode) && isMet()) {
            return Optional.empty();
        }
        // No package of Debian 12 brings another JDK, so it cannot be demanded; the test is listed.
        if ("required".equals(mode) && this != OTHER_JDK) {
            throw new IllegalStateException(
                    "this test needs " + description + ", and -Dnexusd.lab=required asks for it");
        }
        list(test);
        return Optional.of(test + " needs " + description);
    }

    private static String mode() {
        return System.getProperty("nexusd.lab", "auto");
    }

    private synchronized boolean isMet() {
        if (isMet == null) {
            isMet = probe.getAsBoolean();
        }
        return isMet;
    }

    private void list(String test) {
        try {
            Files.createDirectories(LEFT_OUT);
            Files.writeString(
                    LEFT_OUT.resolve(test + "." + name() + ".txt"),
                    test + ": needs " + description + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The innermost test class on the stack; requirements stand in helpers, the list names tests. */
    private static String testClass() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .filter(name -> name.startsWith("io.nexusd.") && name.matches(".*(Test|IT)"))
                        .map(name -> name.substring(name.lastIndexOf('.') + 1))
                        .findFirst()
                        .orElse("a test"));
    }

    /** A package that is older than the jar is left from another build. */
    private static boolean hasDebianPackage() {
        Path jar = Path.of("target", "nexusd.jar");
        return isInstalled("bash")
                && DebianPackage.built()
                        .filter(deb ->
                                deb.toFile().lastModified() >= jar.toFile().lastModified())
                        .isPresent();
    }

    /** Looks before it loads: without a library for this platform, helm-java would search the network for one. */
    private static boolean hasHelm() {
        try {
            return ServiceLoader.load(NativeLibrary.class).findFirst().isPresent()
                    && !Helm.version().call().isEmpty();
        } catch (LinkageError | IllegalStateException e) {
            return false;
        }
    }

    private static boolean isInstalled(String program) {
        return succeeds("sh", "-c", "command -v " + program);
    }

    private static boolean succeeds(String... command) {
        try {
            return Shell.attempt("", List.of(command)).exitCode() == 0;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static String output(String... command) {
        try {
            return Shell.attempt("", List.of(command)).output();
        } catch (UncheckedIOException e) {
            return "";
        }
    }
}
