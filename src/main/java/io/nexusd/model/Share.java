package io.nexusd.model;

import java.util.Optional;

/**
 * Names the members of a group that share one filter. Among nodes it travels as a filter of its own,
 * {@code $share/group/filter}, which matches no topic that can be published to.
 *
 * @param group a valid group name
 * @param filter a valid filter
 */
public record Share(String group, String filter) {
    /** Longest group name, in characters. */
    public static final int MAX_GROUP_LENGTH = 128;

    private static final String PREFIX = "$share/";

    /** Tells whether a filter among nodes names a share. */
    public static boolean isShare(String interest) {
        return interest.startsWith(PREFIX);
    }

    /** Returns the share that a filter among nodes names; empty when it names none, or none that is valid. */
    public static Optional<Share> of(String interest) {
        int slash = isShare(interest) ? interest.indexOf('/', PREFIX.length()) : -1;
        if (slash < 0) {
            return Optional.empty();
        }
        Share share = new Share(interest.substring(PREFIX.length(), slash), interest.substring(slash + 1));
        boolean valid = problemWithGroup(share.group).isEmpty()
                && Topic.problemWithFilter(share.filter).isEmpty();
        return valid ? Optional.of(share) : Optional.empty();
    }

    /** Returns which rule a group name breaks, with the remedy; empty when it is valid. */
    public static Optional<String> problemWithGroup(String group) {
        if (group.isEmpty() || group.length() > MAX_GROUP_LENGTH) {
            return Optional.of("group has " + group.length() + " characters; it needs 1 to " + MAX_GROUP_LENGTH);
        }
        boolean bad = group.chars().anyMatch(c -> c == '/' || c == '+' || c == '#' || Character.isISOControl(c));
        return bad
                ? Optional.of("group contains '/', '+', '#' or a control character; none of them is allowed")
                : Optional.empty();
    }

    /** Returns the filter among nodes. */
    public String interest() {
        return PREFIX + group + "/" + filter;
    }
}
