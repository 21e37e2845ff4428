package io.nexusd.config;

import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.report;
import static io.nexusd.config.Samples.value;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes with a unit, for every key that is a size in bytes and from every source. */
class SizesTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0M, 0",
        "65536, 65536",
        "65536B, 65536",
        "64K, 65536",
        "64k, 65536",
        "64KB, 65536",
        "64KiB, 65536",
        "64Ki, 65536",
        "64 KiB, 65536",
        "50M, 52428800",
        "50m, 52428800",
        "50mb, 52428800",
        "1G, 1073741824",
        "1GiB, 1073741824",
        "1T, 1099511627776"
    })
    void shouldTakeAUnit(String text, String bytes) {
        assertThat(value(load(dir, Map.of(), "--max-buffer-memory", text), "history.max-bytes"))
                .isEqualTo(bytes);
    }

    @Test
    void shouldTakeAUnitFromEverySourceAndForEveryKeyInBytes() {
        List<Key<?>> sizes =
                Keys.ALL.stream().filter(key -> key.unit().equals("bytes")).toList();
        assertThat(sizes).hasSizeGreaterThanOrEqualTo(5);
        assertThat(Keys.ALL).filteredOn(key -> key.path().endsWith("-bytes")).allMatch(sizes::contains);
        for (Key<?> key : sizes) {
            Map<String, String> environment = Map.of(key.environmentName(), "64K");
            assertThat(value(load(dir, environment), key.path())).as(key.path()).isEqualTo("65536");
            Path file = write(dir, key.path() + ".yaml", key.path() + ": 64KiB\n");
            EffectiveConfig fromFile = load(dir, Map.of(), "--config", file.toString());
            assertThat(value(fromFile, key.path())).as(key.path()).isEqualTo("65536");
            assertThat(fromFile.digest()).isEqualTo(load(dir, environment).digest());
            write(dir, "etc-" + key.path() + "/" + key.environmentName(), "64 kb\n");
            assertThat(value(load(dir, Map.of(), "--config", "etc-" + key.path()), key.path()))
                    .isEqualTo("65536");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "50X", "M", "50MM", "1.5G", "1,5G", "+1K", "01K", "1_000K", "1K1", "K1", "50 % ", "1e3", "50Mi B",
                "5 0M", "1KiBs", "0x10"
            })
    void shouldRefuseWhatIsNoSize(String text) {
        assertThat(report(dir, Map.of(), "--max-buffer-memory", text))
                .contains("history.max-bytes: ", "(flag --max-buffer-memory): is not a size")
                .contains(
                        "must be an integer from 0 to 1099511627776 or a size such as 64K, 50M or 1G (powers of 1024)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2T", "-1K", "99999999999T", "17179869184G", "999999999999999999999999999999999999999999G"})
    void shouldRefuseASizeOutOfRange(String text) {
        assertThat(report(dir, Map.of(), "--max-buffer-memory", text))
                .contains("history.max-bytes: '" + text + "' (flag --max-buffer-memory): is out of range");
    }

    @Test
    void shouldNotTakeAUnitWhereNothingIsASize() {
        assertThat(report(dir, Map.of(), "--mesh-port", "5K")).contains("mesh.port: '5K'", "no unit");
        assertThat(report(dir, Map.of("NEXUSD_APP_MAX_PAYLOAD_BYTES", "1G")))
                .contains(
                        "app.max-payload-bytes: '1G'", "is out of range; must be an integer from 1 to 268435456 or a");
    }
}
