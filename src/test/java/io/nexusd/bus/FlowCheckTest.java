package io.nexusd.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The check of declarations finds each kind of mistake in the classes of the fixture, and nothing else. */
class FlowCheckTest {
    private static final String PACKAGE = "io.nexusd.bus.fixture";
    private static final String GOSSIP = PACKAGE + ".gossip.Gossip";

    private final FlowCheck check = new FlowCheck(BusFlowTest.compiled(FlowCheckTest.class), PACKAGE);

    @Test
    void shouldFindEveryDifferenceBetweenDeclarationsAndCode() {
        List<String> withoutLines = check.differences().stream()
                .map(line -> line.replaceAll(":\\d+\\b", ""))
                .toList();
        assertThat(withoutLines)
                .containsExactlyInAnyOrder(
                        "Contract.ONE_SENDER_TOO_MANY: @Flow(from) names dialer, which does not send it",
                        "Contract.ONE_RECEIVER_TOO_FEW: dialer receives it in " + PACKAGE
                                + ".dialer.Dialer.<init>, but @Flow(to) does not name it",
                        "Contract.NEVER_SENT: no component sends it",
                        "Contract.NEVER_ANSWERED: no component answers it",
                        "Contract.ANSWERED_TWICE: a query is answered by one component, not by [dialer, routing]",
                        "Contract.UNDECLARED has no @Flow",
                        "Contract.PASSED_ON: no component sends it",
                        GOSSIP
                                + ".hide: Contract.PASSED_ON is not passed to a method of Bus here, write that call where the"
                                + " constant is",
                        GOSSIP + ".passOn: the address of Bus.publish is no constant, write one in the call",
                        "Contract.REFERRED_TO: no component sends it",
                        GOSSIP
                                + ".hide: Contract.REFERRED_TO is not passed to a method of Bus here, write that call where the"
                                + " constant is",
                        GOSSIP + ".hide: the reference Bus::publish hides the address, write a lambda",
                        GOSSIP + ".hide: an address that is no constant cannot be declared",
                        GOSSIP + ".hide: the address of Bus.publish is no constant, write one in the call",
                        "Contract.USED_BY_NO_COMPONENT: no component sends it",
                        PACKAGE + ".cli.Command.run: Contract.USED_BY_NO_COMPONENT is used, but by no component");
    }

    @Test
    void shouldWriteARowForEachAddress() {
        assertThat(check.rows())
                .contains(
                        "| `Contract.RIGHT` | one way | dialer, gossip | routing |",
                        "| `Contract.RIGHT_QUERY` | query | gossip | routing |");
    }
}
