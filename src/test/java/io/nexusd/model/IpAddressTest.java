package io.nexusd.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "::1, ::1",
        "0:0:0:0:0:0:0:1, ::1",
        "::, ::",
        "FD78::00A1, fd78::a1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1::1, 2001:0:0:1::1",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::ffff:1.2.3.4, 1.2.3.4",
        "0:0:0:0:0:FFFF:0102:0304, 1.2.3.4",
        "64:ff9b::1.2.3.4, 64:ff9b::102:304",
        "10.0.0.7, 10.0.0.7",
        "fe80::1%eth0, fe80::1%eth0",
        "FE80:0::1%2, fe80::1%2",
        "fd78::11%ens3, fd78::11",
        "::1%lo, ::1"
    })
    void shouldHaveOneTextForEverySpelling(String text, String canonical) {
        IpAddress address = IpAddress.parse(text).orElseThrow();
        assertThat(address).hasToString(canonical);
        assertThat(IpAddress.parse(canonical)).contains(address);
        assertThat(IpAddress.canonical(text)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":::",
                "1",
                "host",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.-4",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "12345::",
                "zz::1",
                "::1%",
                "::1%a b",
                "::1%a%b",
                "1.2.3.4%eth0",
                "[::1]",
                "1.2.3.4::",
                "::1.2.3",
                "::1.2.3.4:5",
                "::1.2.3.4.",
                "-1::",
                "٣::1",
                "::1/64"
            })
    void shouldRefuseWhatIsNoAddress(String text) {
        assertThat(IpAddress.parse(text)).isEmpty();
        assertThat(IpAddress.canonical(text)).isEqualTo(text);
    }

    @Test
    void shouldKeepAZoneWhereItHasAMeaning() throws UnknownHostException {
        IpAddress linkLocal = IpAddress.parse("fe80::1%eth0").orElseThrow();
        assertThat(linkLocal.zone()).isEqualTo("eth0");
        assertThat(linkLocal.lacksZone()).isFalse();
        assertThat(linkLocal.withoutZone().lacksZone()).isTrue();
        assertThat(linkLocal.withoutZone()).hasToString("fe80::1").isNotEqualTo(linkLocal);
        assertThat(IpAddress.withoutZone("fe80::1%eth0")).isEqualTo("fe80::1");
        assertThat(IpAddress.withoutZone("host%x")).isEqualTo("host%x");
        assertThat(IpAddress.parse("169.254.0.1").orElseThrow().lacksZone()).isFalse();
        assertThat(IpAddress.of(InetAddress.getByName("fd00::1%1"))).hasToString("fd00::1");
        assertThat(IpAddress.parse("fd00::1").orElseThrow().forSocket()).isEqualTo(InetAddress.getByName("fd00::1"));
    }

    @Test
    void shouldKnowSpecialAddresses() {
        assertThat(IpAddress.isUnspecified("::")).isTrue();
        assertThat(IpAddress.isUnspecified("0.0.0.0")).isTrue();
        assertThat(IpAddress.isUnspecified("::1")).isFalse();
        assertThat(IpAddress.isUnspecified("name")).isFalse();
        assertThat(IpAddress.parse("::1").orElseThrow().isLoopback()).isTrue();
        assertThat(IpAddress.parse("127.1.2.3").orElseThrow().isLoopback()).isTrue();
        assertThat(IpAddress.parse("ff05::1").orElseThrow().isMulticast()).isTrue();
        assertThat(IpAddress.unbracketed("[::1]")).isEqualTo("::1");
        assertThat(IpAddress.unbracketed("[x]")).isEqualTo("[x]");
    }

    @Test
    void shouldAgreeWithTheJdkOnAnyAddress() throws UnknownHostException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            for (int group = 0; group < 8; group++) {
                if (random.nextInt(2) == 0) {
                    bytes[2 * group] = 0;
                    bytes[2 * group + 1] = (byte) random.nextInt(2);
                }
            }
            InetAddress jdk = InetAddress.getByAddress(bytes);
            IpAddress own = IpAddress.of(jdk);
            assertThat(IpAddress.parse(jdk.getHostAddress()))
                    .as("seed %d", seed)
                    .contains(own);
            assertThat(InetAddress.getByName(own.toString()))
                    .as("seed %d", seed)
                    .isEqualTo(jdk);
        }
    }
}
