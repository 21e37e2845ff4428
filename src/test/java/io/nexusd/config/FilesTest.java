package io.nexusd.config;

import static io.nexusd.config.Samples.entry;
import static io.nexusd.config.Samples.load;
import static io.nexusd.config.Samples.report;
import static io.nexusd.config.Samples.value;
import static io.nexusd.config.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexusd.bus.Configuration.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
    @TempDir
    Path dir;

    @Test
    void shouldFindANamedFileRelativeToTheWorkingDirectory() {
        write(dir, "conf/nexusd.yaml", "mesh.port: 1\n");
        Path other = write(dir, "other.yaml", "mesh.port: 2\n");
        assertThat(entry(load(dir, Map.of(), "--config", "other.yaml"), "mesh.port"))
                .isEqualTo(new Entry("mesh.port", "2", "file " + other));
        assertThat(load(dir, Map.of("NEXUSD_CONFIG", other.toString())).file()).contains(other.toString());
        assertThat(value(load(dir, Map.of("NEXUSD_CONFIG", "absent"), "--config=" + other), "mesh.port"))
                .isEqualTo("2");
        assertThat(value(load(dir, Map.of("NEXUSD_CONFIG", "")), "mesh.port")).isEqualTo("1");
    }

    @Test
    void shouldRefuseANamedFileThatIsNotThere() {
        assertThat(report(dir, Map.of(), "--config", "absent.yaml"))
                .contains(dir.resolve("absent.yaml").toString(), "(flag --config): does not exist");
        assertThat(report(dir, Map.of("NEXUSD_CONFIG", "absent.yaml")))
                .contains("(environment NEXUSD_CONFIG): does not exist");
        assertThat(report(dir, Map.of(), "--config", "a\0b")).contains("is not a path");
        assertThat(report(dir, Map.of(), "--config", "")).contains("does not exist");
        assertThat(report(dir, Map.of(), "--config", "/dev/zero")).contains("is not a regular file");
    }

    @Test
    void shouldReadADirectoryWithAFileForEachKey() throws IOException {
        Path data = dir.resolve("etc/..2024_data");
        write(data, "NEXUSD_MESH_PORT", "7001\n");
        write(data, "LOG_LEVEL", "debug\n");
        write(data, "NEXUSD_PEERS_DNS", "\n");
        write(data, "nexusd.yaml", "mesh.port: 1\napp.port: 7002\n");
        write(data, "unrelated.txt", "\0");
        Path etc = dir.resolve("etc");
        Files.createSymbolicLink(etc.resolve("..data"), Path.of("..2024_data"));
        for (String name :
                List.of("NEXUSD_MESH_PORT", "LOG_LEVEL", "NEXUSD_PEERS_DNS", "nexusd.yaml", "unrelated.txt")) {
            Files.createSymbolicLink(etc.resolve(name), Path.of("..data", name));
        }
        EffectiveConfig config = load(dir, Map.of("LOG_LEVEL", ""), "--config", "etc");
        assertThat(entry(config, "mesh.port"))
                .isEqualTo(new Entry("mesh.port", "7001", "file " + etc.resolve("NEXUSD_MESH_PORT")));
        assertThat(entry(config, "app.port"))
                .isEqualTo(new Entry("app.port", "7002", "file " + etc.resolve("nexusd.yaml")));
        assertThat(value(config, "log.level")).isEqualTo("DEBUG");
        assertThat(value(load(dir, Map.of("MESH_PORT", "7003"), "--config", "etc"), "mesh.port"))
                .isEqualTo("7003");
        assertThat(config.file()).contains(etc.toString());
    }

    @Test
    void shouldTakeTheUsualPlaceOnlyWhereItIsAndLeaveOutWhatBeginsWithADot() throws IOException {
        assertThat(load(dir, Map.of()).file()).isEmpty();
        Files.createDirectories(dir.resolve("conf"));
        Files.createSymbolicLink(dir.resolve("conf/nexusd.yaml"), Path.of("nowhere"));
        assertThat(load(dir, Map.of()).file()).isEmpty();
        Path etc = dir.resolve("etc");
        write(etc, ".nexusd.yaml.swp", "\0");
        write(etc, ".NEXUSD_MESH_PORT", "broken");
        write(etc, "..2024_01_01/NEXUSD_MESH_PORT", "broken");
        write(etc, "NEXUSD_APP_PORT.d/x", "broken");
        write(etc, "MESH_PORT", "\uFEFF 7005 \r\n");
        assertThat(value(load(dir, Map.of(), "--config", etc + "/"), "mesh.port"))
                .isEqualTo("7005");
        assertThat(report(dir, Map.of("MESH_PORT", " x "), "--config", "etc")).contains("'x' (environment MESH_PORT)");
    }

    @Test
    void shouldRefuseADirectoryThatMakesNoSense() throws IOException {
        Path etc = Files.createDirectory(dir.resolve("etc"));
        assertThat(report(dir, Map.of(), "--config", "etc")).contains("has neither nexusd.yaml nor");
        write(etc, "nexusd.yml", "mesh.port: 1\n");
        assertThat(report(dir, Map.of(), "--config", "etc"))
                .contains("nexusd.yml", "the YAML file is called nexusd.yaml");
        Files.delete(etc.resolve("nexusd.yml"));
        write(etc, "NEXUSD_MESH_PROT", "1");
        assertThat(report(dir, Map.of(), "--config", "etc")).contains("did you mean 'NEXUSD_MESH_PORT'?");
        Files.delete(etc.resolve("NEXUSD_MESH_PROT"));
        write(etc, "mesh.port", "7001");
        assertThat(report(dir, Map.of(), "--config", "etc"))
                .contains(etc.resolve("mesh.port").toString(), "is not read", "NEXUSD_MESH_PORT");
        Files.delete(etc.resolve("mesh.port"));
        for (int i = 0; i < 5; i++) {
            Files.writeString(etc.resolve("NEXUSD_X" + i), " ".repeat(1 << 20));
        }
        assertThat(report(dir, Map.of(), "--config", "etc")).contains("has files of more than 4194304 bytes in all");
        for (int i = 0; i < 5; i++) {
            Files.delete(etc.resolve("NEXUSD_X" + i));
        }
        Files.write(etc.resolve("MESH_PORT"), new byte[2 << 20]);
        assertThat(report(dir, Map.of(), "--config", "etc")).contains("is larger than");
        Files.write(etc.resolve("MESH_PORT"), new byte[] {0});
        assertThat(report(dir, Map.of(), "--config", "etc")).contains("mesh.port: '\\u0000'");
    }
}
