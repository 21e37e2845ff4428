package io.nexusd.config;

import io.nexusd.config.Values.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules between keys. A rule one of whose keys has no valid value is left out. */
final class CrossRules {
    private CrossRules() {}

    static List<Problem> check(Values values) {
        List<Problem> problems = new ArrayList<>();
        Optional<Value<Integer>> beacon = values.find(Keys.BEACON_INTERVAL_MS);
        Optional<Value<Integer>> timeout = values.find(Keys.PEER_TIMEOUT_MS);
        if (beacon.isPresent()
                && timeout.isPresent()
                && timeout.get().value() <= beacon.get().value()) {
            problems.add(contradiction(
                    Keys.PEER_TIMEOUT_MS,
                    timeout.get(),
                    "must be greater than",
                    Keys.BEACON_INTERVAL_MS,
                    beacon.get()));
        }
        Optional<Value<Integer>> first = values.find(Keys.PEERS_RETRY_INTERVAL_MS);
        Optional<Value<Integer>> longest = values.find(Keys.PEERS_RETRY_MAX_INTERVAL_MS);
        if (first.isPresent()
                && longest.isPresent()
                && longest.get().value() < first.get().value()) {
            problems.add(contradiction(
                    Keys.PEERS_RETRY_MAX_INTERVAL_MS,
                    longest.get(),
                    "must be at least",
                    Keys.PEERS_RETRY_INTERVAL_MS,
                    first.get()));
        }
        samePort(values, problems, Keys.APP_BIND, Keys.APP_PORT, Keys.MESH_BIND, Keys.MESH_PORT);
        samePort(values, problems, Keys.ADMIN_BIND, Keys.ADMIN_PORT, Keys.MESH_BIND, Keys.MESH_PORT);
        samePort(values, problems, Keys.ADMIN_BIND, Keys.ADMIN_PORT, Keys.APP_BIND, Keys.APP_PORT);
        return problems;
    }

    private static void samePort(
            Values values,
            List<Problem> problems,
            Key<String> bind,
            Key<Integer> port,
            Key<String> otherBind,
            Key<Integer> otherPort) {
        Optional<Value<String>> address = values.find(bind);
        Optional<Value<String>> otherAddress = values.find(otherBind);
        Optional<Value<Integer>> number = values.find(port);
        Optional<Value<Integer>> other = values.find(otherPort);
        if (address.isEmpty() || otherAddress.isEmpty() || number.isEmpty() || other.isEmpty()) {
            return;
        }
        boolean same =
                number.get().value().equals(other.get().value()) && number.get().value() != 0;
        if (same && Hosts.overlap(address.get().value(), otherAddress.get().value())) {
            problems.add(contradiction(port, number.get(), "must differ from", otherPort, other.get()));
        }
    }

    private static Problem contradiction(
            Key<?> key, Value<?> value, String relation, Key<?> other, Value<?> otherValue) {
        return new Problem(
                key.path(),
                value.text(),
                value.source(),
                relation + " " + other.path() + ", which is " + otherValue.text() + " (" + otherValue.source() + ")");
    }
}
