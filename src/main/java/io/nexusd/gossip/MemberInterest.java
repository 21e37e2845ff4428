package io.nexusd.gossip;

import java.util.List;

/**
 * What one member wants, as it was fetched from it, and whether that is still what the member claims to want. In: claims, which
 * are hashes, and fetched interest. Out: when to fetch; there is one fetch at a time. Not thread-safe.
 */
final class MemberInterest {
    private List<String> filters = List.of();
    private long hash;
    private boolean known;
    private long claimedHash;
    private boolean fetching;
    private boolean claimedSinceFetch;

    /** The member says that its interest has this hash. */
    void claimed(long newHash) {
        claimedHash = newHash;
        claimedSinceFetch |= fetching;
    }

    /** Tells whether something else than what is held here was claimed, and no fetch is under way. */
    boolean isStale() {
        return !fetching && (!known || claimedHash != hash);
    }

    /** The member is asked for its interest. */
    void fetchBegan() {
        fetching = true;
        claimedSinceFetch = false;
    }

    /** The member has answered, or will not any more. */
    void fetchEnded() {
        fetching = false;
    }

    boolean isFetching() {
        return fetching;
    }

    /** Tells whether something else than what is held here was claimed after the last fetch began. */
    boolean hasChangedSinceFetch() {
        return claimedSinceFetch && claimedHash != hash;
    }

    /** Takes the interest with its hash; tells whether it is news. */
    boolean hold(List<String> newFilters, long newHash) {
        boolean news = !known || !filters.equals(newFilters);
        filters = newFilters;
        hash = newHash;
        known = true;
        return news;
    }

    List<String> filters() {
        return filters;
    }

    /** Returns the hash that came with what is held. */
    long hash() {
        return hash;
    }
}
