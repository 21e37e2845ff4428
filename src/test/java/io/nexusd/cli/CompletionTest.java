package io.nexusd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {
    private static final Completion.Known KNOWN = new Completion.Known() {
        @Override
        public List<String> topics() {
            return List.of("sensors/#", "sensors/k1/temp", "Upper");
        }

        @Override
        public List<String> peers() {
            return List.of("node-2");
        }

        @Override
        public List<String> endpoints() {
            return List.of("10.0.0.2:5672");
        }

        @Override
        public List<String> clients() {
            return List.of("sub-default-app-1");
        }
    };

    private static List<String> candidates(String line) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        Session session = new Session(InputStream.nullInputStream(), new Output(nowhere, nowhere, Screen.FILE, false));
        List<String> words = List.of(line.split(" ", -1));
        return new Completion(Commands.parser(session), KNOWN).candidates(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PUBS             | PUBSUB
            pubs             | pubsub
            EXP              | EXPLAIN
            MESH T           | MESH TOPOLOGY
            mesh t           | MESH topology
            pubsub num       | pubsub numsub
            DEBUG LOG WA     | WARN
            debug log wa     | warn
            INFO S           | SERVER,STATS
            SUBSCRIBE s      | sensors/#,sensors/k1/temp
            sub sensors/k    | sensors/k1/temp
            EXPLAIN Up       | Upper
            PUB sensors/k1/t | sensors/k1/temp
            CLIENT INFO s    | sub-default-app-1
            DEBUG OBJECT n   | node-2
            CONNECT 1        | 10.0.0.2:5672
            HELP MESH        | MESH
            PUBLISH --ret    | --retain
            publish a --co   | --content-type,--count
            NOSUCH x         | ''
            PING             | PING
            """)
    void shouldCompleteCommandsOptionsAndNames(String line, String expected) {
        List<String> wanted = expected.isEmpty()
                ? List.of()
                : List.of(expected.replaceFirst("^(MESH|pubsub) ", "").split(","));
        assertThat(candidates(line)).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    void shouldOfferEveryCommandOnceAtTheBeginning() {
        assertThat(candidates(""))
                .doesNotHaveDuplicates()
                .contains(
                        "DISCOVER",
                        "CONNECT",
                        "DISCONNECT",
                        "PING",
                        "INFO",
                        "PUBLISH",
                        "SUBSCRIBE",
                        "MONITOR",
                        "TOP",
                        "PUBSUB",
                        "MESH",
                        "CLIENT",
                        "EXPLAIN",
                        "DEBUG",
                        "HELP",
                        "CLEAR",
                        "QUIT");
    }
}
