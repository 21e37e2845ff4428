package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import io.nexusd.model.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

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
    void shouldComposeThreeRestrictedNodesThatFindEachOther() throws IOException {
        Map<?, ?> compose =
                new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(Path.of("compose.yaml")));
        Map<?, ?> services = (Map<?, ?>) compose.get("services");
        assertThat(services).hasSize(3);
        Set<Object> ports = new HashSet<>();
        for (Object each : services.values()) {
            Map<?, ?> service = (Map<?, ?>) each;
            assertThat(service.get("read_only")).isEqualTo(true);
            assertThat(service.get("cap_drop")).isEqualTo(List.of("ALL"));
            assertThat(service.get("tmpfs")).isNull();
            assertThat(service.get("volumes")).isNull();
            ports.addAll((List<?>) service.get("ports"));
            Map<String, String> environment = new HashMap<>(Dockerfile.environment());
            ((Map<?, ?>) service.get("environment"))
                    .forEach((name, value) -> environment.put((String) name, (String) value));
            LoadResult.Loaded loaded =
                    (LoadResult.Loaded) ConfigLoader.parse(new String[0], environment, Path.of("none"));
            assertThat(loaded.warnings()).isEmpty();
            assertThat(loaded.config().settings().peers().staticPeers().stream().map(Endpoint::host))
                    .containsExactlyElementsOf(
                            services.keySet().stream().map(String::valueOf).toList());
            int graceMs = 1000 * Integer.parseInt(((String) service.get("stop_grace_period")).replace("s", ""));
            assertThat(graceMs)
                    .isGreaterThan(loaded.config().settings().delivery().drainTimeoutMs());
        }
        assertThat(ports)
                .containsExactlyInAnyOrder("127.0.0.1:5672:5672", "127.0.0.1:5673:5672", "127.0.0.1:5674:5672");
    }

    @Test
    void shouldReadTheEnvironmentOfTheLastStage() {
        String dockerfile = "FROM a AS build\nENV A=1\nFROM b\nENV B=2 \\\n    # a word\n    C=\"3 4\"\nENV D=\n";
        assertThat(Dockerfile.environment(dockerfile)).isEqualTo(Map.of("B", "2", "C", "3 4", "D", ""));
    }
}
