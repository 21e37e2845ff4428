package io.nexusd.appapi;

import io.nexusd.model.Crc64;
import io.nexusd.model.Share;
import io.nexusd.model.Utf8Order;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The maker of subscription ids, {@code sub-{cluster}-{client_id}-{topic_hash}-{random}}. An id is all that an application has to show
 * to end or resume a subscription, so it cannot be guessed: the random part has 128 bits of the system's entropy, after a byte whose
 * highest bit says that the subscription was a member of a group. So a node that does not know an id knows at least that.
 */
final class SubscriptionIds {
    private static final int RANDOM_BYTES = 17;
    private static final int MEMBER_BIT = 0x80;
    private static final Pattern OF_MEMBER = Pattern.compile("sub-.*-[0-9a-f]{16}-[89a-f][0-9a-f]{33}");

    private final SecureRandom random;

    SubscriptionIds(SecureRandom random) {
        this.random = random;
    }

    /**
     * Returns an id that was never used.
     *
     * @param group the group of the subscription, empty for none
     */
    String next(String cluster, String clientId, List<String> filters, String group) {
        TreeSet<String> interest = new TreeSet<>(Utf8Order.INSTANCE);
        filters.forEach(filter -> interest.add(group.isEmpty() ? filter : new Share(group, filter).interest()));
        byte[] unique = new byte[RANDOM_BYTES];
        random.nextBytes(unique);
        unique[0] = (byte) (group.isEmpty() ? unique[0] & ~MEMBER_BIT : unique[0] | MEMBER_BIT);
        return "sub-" + cluster + "-" + (clientId.isEmpty() ? "anonymous" : clientId) + "-"
                + String.format("%016x", Crc64.ofLines(interest)) + "-"
                + HexFormat.of().formatHex(unique);
    }

    /** Tells whether an id was made, by whatever node, for a member of a group. */
    static boolean isOfMember(String id) {
        return OF_MEMBER.matcher(id).matches();
    }
}
