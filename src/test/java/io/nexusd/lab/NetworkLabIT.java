package io.nexusd.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The lab itself: what the other labs rely on must hold, or their findings mean nothing. */
class NetworkLabIT {
    private static boolean reaches(Host from, Host to) {
        return Shell.attempt("", List.of("ip", "netns", "exec", from.namespace(), "ping", "-c1", "-W1", to.address()))
                        .exitCode()
                == 0;
    }

    @Test
    void shouldCutHealAndPartitionHosts() {
        try (Lab lab = Lab.withHosts(3)) {
            assertThat(reaches(lab.host(0), lab.host(1))).isTrue();
            lab.cut(lab.host(1));
            assertThat(reaches(lab.host(0), lab.host(1))).isFalse();
            assertThat(reaches(lab.host(0), lab.host(2))).isTrue();
            lab.heal(lab.host(1));
            assertThat(reaches(lab.host(0), lab.host(1))).isTrue();
            lab.partition(List.of(lab.host(0)), List.of(lab.host(1), lab.host(2)));
            assertThat(reaches(lab.host(2), lab.host(0))).isFalse();
            assertThat(reaches(lab.host(2), lab.host(1))).isTrue();
            lab.healAll();
            assertThat(reaches(lab.host(2), lab.host(0))).isTrue();
            lab.host(2).readdress(99);
            assertThat(reaches(lab.host(0), lab.host(2))).isTrue();
        }
    }

    /** Asks the name server itself, as the daemon does: what the C library would do depends on the machine. */
    private static final String ASK = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(1)
            name = b"".join(bytes([len(p)]) + p.encode() for p in sys.argv[2].split(".")) + b"\\0"
            s.sendto(b"\\0\\1\\1\\0\\0\\1" + b"\\0" * 6 + name + b"\\0\\1\\0\\1", (sys.argv[1], 53))
            answer = s.recv(512)
            print(answer[3] & 15, ".".join(str(b) for b in answer[-4:]) if answer[7] else "")
            """;

    private static String ask(Host host, DnsServer dns, String name) {
        return host.run("python3", "-c", ASK, dns.address(), name).strip();
    }

    @Test
    void shouldAnswerNamesThatComeAndGo() {
        try (Lab lab = Lab.withHosts(1)) {
            Host host = lab.host(0);
            DnsServer dns = lab.dns();
            dns.record("n0.svc", host.address());
            await().ignoreExceptions().until(() -> ask(host, dns, "n0.svc"), ("0 " + host.address())::equals);
            dns.record("n0.svc");
            await().ignoreExceptions().until(() -> ask(host, dns, "n0.svc"), "3"::equals);
        }
    }
}
