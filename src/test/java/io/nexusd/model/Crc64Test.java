package io.nexusd.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class Crc64Test {
    @Test
    void shouldGiveThePublishedCheckValue() {
        Crc64 crc = new Crc64();
        crc.update("123456789".getBytes(StandardCharsets.US_ASCII));

        assertThat(crc.value()).isEqualTo(0x62EC59E3F1A4F00AL);
    }

    @Test
    void shouldHashTheEmptySetToZero() {
        assertThat(Crc64.ofLines(List.of())).isZero();
    }

    @Test
    void shouldEndEveryLineWithANewline() {
        Crc64 crc = new Crc64();
        crc.update("a\nb/ü\n".getBytes(StandardCharsets.UTF_8));

        assertThat(Crc64.ofLines(List.of("a", "b/ü"))).isEqualTo(crc.value());
        assertThat(Crc64.ofLines(List.of("ab/ü"))).isNotEqualTo(crc.value());
    }
}
