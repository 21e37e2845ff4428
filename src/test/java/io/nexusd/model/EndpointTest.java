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

    @Test
    void shouldBeOneEndpointWhateverTheSpellingOfTheAddress() {
        assertThat(Endpoint.parse("[0:0:0:0:0:0:0:1]:5671"))
                .isEqualTo(Endpoint.parse("[::1]:5671"))
                .hasSameHashCodeAs(new Endpoint("::0001", 5671))
                .hasToString("[::1]:5671");
        assertThat(new Endpoint("::FFFF:10.0.0.1", 1)).isEqualTo(Endpoint.parse("10.0.0.1:1"));
        assertThat(Endpoint.parse("[FE80::1%eth0]:5671")).hasToString("[fe80::1%eth0]:5671");
        assertThat(Endpoint.parse("[::1]:5671").bracketedHost()).isEqualTo("[::1]");
        assertThat(Endpoint.parse("host:5671").bracketedHost()).isEqualTo("host");
    }

    @Test
    void shouldTakeNoZoneFromAnotherHost() {
        assertThat(Endpoint.advertised("fe80::1%ens3", 5671)).isEqualTo(new Endpoint("fe80::1", 5671));
        assertThat(Endpoint.advertised("fd78::11%ens3", 5671)).hasToString("[fd78::11]:5671");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host",
                ":1",
                "host:",
                "host:x",
                "host:0",
                "host:65536",
                "fd00::1:5671",
                "a b:1",
                "[]:1",
                "[a]:1",
                "[::1]",
                "[::1]:",
                "[::1]x:1",
                "[::1]:0",
                "[zz::1]:1",
                "[fe80::1%]:1",
                "::1",
                "a:b:1",
                "host:+1"
            })
    void shouldNameWhatItCannotRead(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
