package io.nexusd.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Holds the strict reading itself to what it promises; a lenient one would make the tests of the manifests worthless. */
class ManifestsTest {
    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: a}
            spec:
              ports: [{name: p, port: 1, targetPort: http}]
            """;

    @Test
    void shouldReadAnObject() {
        assertThat(Manifests.parse(SERVICE).objects()).hasSize(1);
    }

    @Test
    void shouldRefuseAnUnknownFieldAtAnyDepth() {
        assertThatThrownBy(() -> Manifests.parse(SERVICE + "colour: red\n")).hasMessageContaining("colour");
        assertThatThrownBy(() -> Manifests.parse(SERVICE.replace("name: p", "nane: p")))
                .hasMessageContaining("nane");
        assertThatThrownBy(() -> Manifests.parse(SERVICE.replace("{name: a}", "{name: a, owner: me}")))
                .hasMessageContaining("owner");
    }

    @Test
    void shouldRefuseAWrongTypeAnUnknownKindAndAFieldThatIsThereTwice() {
        assertThatThrownBy(() -> Manifests.parse(SERVICE.replace("port: 1", "port: [1]")))
                .hasMessageContaining("port");
        assertThatThrownBy(() -> Manifests.parse(SERVICE.replace("kind: Service", "kind: Servise")))
                .hasMessageContaining("Servise");
        assertThatThrownBy(() -> Manifests.parse(SERVICE + "kind: Service\n")).hasMessageContaining("kind");
    }
}
