package io.nexusd.deb;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.lab.Needs;
import io.nexusd.lab.Shell;
import io.nexusd.lab.Shell.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The systemd unit as systemd itself sees it. */
class UnitTest {
    private static final String UNIT = "deploy/debian/nexusd.service";

    /** What systemd-analyze calls the exposure, times ten: 0 is best, 100 worst. docs/debian.md has the figure. */
    private static final int EXPOSURE = 11;

    @Test
    void shouldBeWithoutFault(@TempDir Path root) throws IOException {
        Needs.SYSTEMD.require();
        Shell.run("mkdir", "-p", root + "/usr/bin", root + "/usr/lib/systemd", root + "/bin");
        Shell.run("cp", "-r", "/usr/lib/systemd/system", root + "/usr/lib/systemd/");
        Shell.run("cp", UNIT, root + "/usr/lib/systemd/system/");
        Shell.run("cp", "bin/nexusd", root + "/usr/bin/");
        Shell.run("cp", "/bin/kill", root + "/bin/");
        // What it does not like it prints, and ends well all the same.
        Outcome verified = verify(root);
        assertThat(verified.output()).isEmpty();
        assertThat(verified.exitCode()).isZero();
        Path unit = root.resolve("usr/lib/systemd/system/nexusd.service");
        Files.writeString(unit, Files.readString(unit).replace("WatchdogSec=", "WatchdogSeconds="));
        assertThat(verify(root).output()).contains("Unknown key").contains("WatchdogSeconds");
    }

    private static Outcome verify(Path root) {
        return Shell.attempt("", List.of("systemd-analyze", "verify", "--root=" + root, "--man=no", "nexusd.service"));
    }

    @Test
    void shouldExposeLittle() throws IOException {
        Needs.SYSTEMD.require();
        assertThat(security(EXPOSURE).exitCode()).isZero();
        assertThat(security(EXPOSURE - 1).exitCode()).isNotZero();
        assertThat(Files.readString(Path.of("docs/debian.md"))).contains("exposure level of " + EXPOSURE / 10.0 + " ");
    }

    private static Outcome security(int threshold) {
        return Shell.attempt(
                "",
                List.of(
                        "systemd-analyze",
                        "security",
                        "--offline=true",
                        "--threshold=" + threshold,
                        "--no-pager",
                        UNIT));
    }
}
