package io.nexusd.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Holds what each address of the bus declares of its senders and receivers to the compiled code, and the table of addresses in
 * ARCHITECTURE.md to the declarations. A new address, sender or receiver fails here until it is declared and in the table.
 */
class BusFlowTest {
    private final FlowCheck check = new FlowCheck(compiled(Bus.class), "io.nexusd");

    @Test
    void shouldDeclareTheSendersAndReceiversOfEveryAddress() {
        assertThat(check.rows())
                .as("addresses that were found")
                .contains(
                        "| `Links.BEACON_HEARD` | one way | discovery | dialer, gossip |",
                        "| `Membership.PEERS` | query | admin, appapi, meshapi | gossip |");
        assertThat(check.differences()).isEmpty();
    }

    @Test
    void shouldHaveARowForEveryAddressInTheArchitecture() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("ARCHITECTURE.md")).stream()
                .filter(line -> line.matches("\\| `\\w+\\.[A-Z_]+` \\|.*"))
                .map(BusFlowTest::withoutNote)
                .toList();
        List<String> differences = new ArrayList<>();
        check.rows().stream()
                .filter(row -> !documented.contains(row))
                .forEach(row -> differences.add("ARCHITECTURE.md lacks the row " + row));
        documented.stream()
                .filter(row -> !check.rows().contains(row))
                .forEach(row -> differences.add("ARCHITECTURE.md has the wrong row " + row));
        assertThat(differences).isEmpty();
        assertThat(documented).doesNotHaveDuplicates();
    }

    /** The directory of compiled classes from which a class was loaded. */
    static Path compiled(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String withoutNote(String row) {
        String[] cells = row.split("\\|", 6);
        return "|" + cells[1] + "|" + cells[2] + "|" + cells[3] + "|" + cells[4] + "|";
    }
}
