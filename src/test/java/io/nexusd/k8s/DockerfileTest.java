package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolvedModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** The image, as far as the text of the Dockerfile and of the Maven profile shows it. */
class DockerfileTest {
    @Test
    void shouldServeApplicationsOutsideOfTheContainer() throws IOException {
        assertThat(Dockerfile.environment()).containsEntry("NEXUSD_APP_BIND", "0.0.0.0");
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<NEXUSD_APP_BIND>0.0.0.0</NEXUSD_APP_BIND>");
    }

    @Test
    void shouldBuildWithOlderVersionsOfDocker() throws IOException {
        assertThat(Files.readAllLines(Path.of("Dockerfile"))).first().isEqualTo("# syntax=docker/dockerfile:1");
    }

    @Test
    void shouldHaveEveryModuleThatTheClassesUse() throws IOException {
        Matcher added = Pattern.compile("--add-modules (\\S+)").matcher(Files.readString(Path.of("Dockerfile")));
        assertThat(added.find()).isTrue();
        // jlink adds the modules that these require.
        List<String> linked = Configuration.empty()
                .resolve(
                        ModuleFinder.ofSystem(),
                        ModuleFinder.of(),
                        List.of(added.group(1).split(",")))
                .modules()
                .stream()
                .map(ResolvedModule::name)
                .toList();
        StringWriter used = new StringWriter();
        PrintWriter out = new PrintWriter(used);
        int exitCode = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(out, out, "--ignore-missing-deps", "--print-module-deps", "target/classes");
        assertThat(exitCode).as(used.toString()).isZero();
        assertThat(linked).contains(used.toString().strip().split(","));
    }

    @Test
    void shouldReadTheEnvironmentOfTheLastStage() {
        String dockerfile = "FROM a AS build\nENV A=1\nFROM b\nENV B=2 \\\n    # a word\n    C=\"3 4\"\nENV D=\n";
        assertThat(Dockerfile.environment(dockerfile)).isEqualTo(Map.of("B", "2", "C", "3 4", "D", ""));
    }
}
