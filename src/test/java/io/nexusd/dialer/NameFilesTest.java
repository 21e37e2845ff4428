package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NameFilesTest {
    @TempDir
    Path etc;

    private List<String> addresses(NameFiles files, String name) {
        return files.addressesOf(name).stream().map(InetAddress::getHostAddress).toList();
    }

    private NameFiles read(NameFiles before) {
        return before.refreshed(etc.resolve("hosts"), etc.resolve("resolv.conf"), System.currentTimeMillis());
    }

    @Test
    void shouldFollowTheFilesAndKeepTheLastGoodContent() throws IOException {
        assertThat(read(NameFiles.UNREAD).servers()).isEqualTo(NameFiles.Servers.LOCAL);
        Files.writeString(etc.resolve("hosts"), "10.0.0.1 Peer\n10.0.0.2 peer other\n");
        Files.writeString(etc.resolve("resolv.conf"), "nameserver 10.0.0.53\nsearch a b\noptions ndots:3\n");
        NameFiles first = read(NameFiles.UNREAD);
        assertThat(addresses(first, "PEER")).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(first.servers().searchDomains()).containsExactly("a", "b");
        assertThat(first.servers().ndots()).isEqualTo(3);

        Files.writeString(etc.resolve("hosts"), "10.0.0.9 peer\n");
        Files.writeString(etc.resolve("resolv.conf"), "nameserver 10.0.0.54\n");
        NameFiles second = read(first);
        assertThat(addresses(second, "peer")).containsExactly("10.0.0.9");
        assertThat(second.servers().addresses().get(0).getAddress().getHostAddress())
                .isEqualTo("10.0.0.54");

        Files.writeString(etc.resolve("hosts"), "");
        Files.writeString(etc.resolve("resolv.conf"), "nameserver 10.0.");
        NameFiles third = read(second);
        assertThat(addresses(third, "peer")).containsExactly("10.0.0.9");
        assertThat(third.servers()).isEqualTo(second.servers());

        Files.delete(etc.resolve("hosts"));
        Files.delete(etc.resolve("resolv.conf"));
        assertThat(addresses(read(third), "peer")).containsExactly("10.0.0.9");
        assertThat(read(third).servers()).isEqualTo(second.servers());
    }
}
