package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    void shouldReadTheEnvironmentOfTheLastStage() {
        String dockerfile = "FROM a AS build\nENV A=1\nFROM b\nENV B=2 \\\n    # a word\n    C=\"3 4\"\nENV D=\n";
        assertThat(Dockerfile.environment(dockerfile)).isEqualTo(Map.of("B", "2", "C", "3 4", "D", ""));
    }
}
