package io.nexusd.appapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SubscriptionIdsTest {
    private final SubscriptionIds ids = new SubscriptionIds(new SecureRandom());

    @Test
    void shouldSayWhatTheSubscriptionIsFor() {
        String plain = ids.next("c", "client-a", List.of("b", "a"), "");
        assertThat(plain)
                .matches("sub-c-client-a-[0-9a-f]{16}-[0-9a-f]{34}")
                .startsWith(prefix(ids.next("c", "client-a", List.of("a", "b"), "")));
        assertThat(ids.next("c", "", List.of("a"), "")).startsWith("sub-c-anonymous-");
        assertThat(prefix(ids.next("c", "client-a", List.of("a", "b"), "g"))).isNotEqualTo(prefix(plain));
    }

    @Test
    void shouldKnowTheIdOfAMemberOfAGroup() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(SubscriptionIds.isOfMember(ids.next("c-d", "x-y", List.of("a/#"), "g")))
                    .isTrue();
            assertThat(SubscriptionIds.isOfMember(ids.next("c-d", "x-y", List.of("a/#"), "")))
                    .isFalse();
        }
        // Ids of earlier versions, and whatever else an application may bring.
        assertThat(List.of("", "sub-", "sub-of-another-node", "sub-c-x-0123456789abcdef-fedcba9876543210"))
                .noneMatch(SubscriptionIds::isOfMember);
    }

    @Test
    void shouldHaveNothingInCommonButWhatTheyAreFor() {
        Set<String> distinct = new HashSet<>();
        int[] ones = new int[136];
        int count = 4_000;
        for (int i = 0; i < count; i++) {
            String random = ids.next("c", "x", List.of("a"), "").replaceAll(".*-", "");
            distinct.add(random);
            for (int bit = 0; bit < ones.length; bit++) {
                ones[bit] += Character.digit(random.charAt(bit / 4), 16) >> (3 - bit % 4) & 1;
            }
        }
        assertThat(distinct).hasSize(count);
        for (int bit = 1; bit < ones.length; bit++) {
            // Twelve standard deviations.
            assertThat(ones[bit]).as("bit %d", bit).isBetween(count / 2 - 380, count / 2 + 380);
        }
    }

    private static String prefix(String id) {
        return id.substring(0, id.lastIndexOf('-') + 1);
    }
}
