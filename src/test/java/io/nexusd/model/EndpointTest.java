package io.nexusd.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @Test
    void shouldReadNamesAndAddresses() {
        assertThat(Endpoint.parse(" nexusd-0.nexusd:5671 ")).isEqualTo(new Endpoint("nexusd-0.nexusd", 5671));
        assertThat(Endpoint.parse("[fd00::1]:5671")).isEqualTo(new Endpoint("fd00::1", 5671));
        assertThat(new Endpoint("fd00::1", 5671)).hasToString("[fd00::1]:5671");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", ":1", "host:", "host:x", "host:0", "host:65536", "fd00::1:5671", "a b:1", "[]:1"})
    void shouldNameWhatItCannotRead(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
