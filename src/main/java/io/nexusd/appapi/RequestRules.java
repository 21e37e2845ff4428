package io.nexusd.appapi;

import io.nexusd.model.Settings;
import io.nexusd.model.Share;
import io.nexusd.model.Topic;
import io.nexusd.proto.sidecar.GapRecoveryMode;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.wire.BoundedAnswer;
import io.nexusd.wire.GrpcFailure;
import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is wrong with a request of an application: the status it gets and a text that names value, rule and remedy. */
final class RequestRules {
    /** Longest client id, in characters. */
    static final int MAX_CLIENT_ID_LENGTH = 128;

    /** Longest subscription id, in characters. */
    static final int MAX_SUBSCRIPTION_ID_LENGTH = 1024;

    /** Room in a message for everything but the payload: topic, ids, content type, headers. */
    static final int ENVELOPE_BYTES = 1024 * 1024;

    private RequestRules() {}

    /** Returns the largest event that a publish may make: what clients read by default, or what a raised payload limit takes. */
    static long maxEventBytes(Settings.App limits) {
        return limits.maxPayloadBytes() <= BoundedAnswer.CLIENT_MESSAGE_BYTES
                ? BoundedAnswer.CLIENT_MESSAGE_BYTES
                : (long) limits.maxPayloadBytes() + ENVELOPE_BYTES;
    }

    /** Returns why a publish is refused; empty when it is accepted. */
    static Optional<GrpcFailure> problemWith(PublishFields request, Settings settings) {
        Settings.App limits = settings.app();
        int size = request.payloadBytes();
        if (size > limits.maxPayloadBytes()) {
            return refused(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "payload has " + size + " bytes; at most " + limits.maxPayloadBytes()
                            + " are allowed (app.max-payload-bytes)");
        }
        long limit = maxEventBytes(limits);
        if (request.roughEventBytes() > limit && request.eventBytes() > limit) {
            return refused(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "the message has " + request.eventBytes()
                            + " bytes as subscribers get it, with topic, headers and ids; at"
                            + " most " + limit
                            + " are allowed, which gRPC clients read by default; send a smaller payload ("
                            + size
                            + " bytes) or fewer headers, or raise app.max-payload-bytes and the subscribers' own limit");
        }
        if (request.retain() && size > settings.retained().maxBytes()) {
            return refused(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "the retained payload has " + size + " bytes; at most "
                            + settings.retained().maxBytes() + " can be retained in all (retained.max-bytes)");
        }
        Optional<String> topicProblem = request.topicProblem();
        if (topicProblem.isPresent()) {
            return refused(GrpcStatus.INVALID_ARGUMENT, topicProblem.get());
        }
        if (request.ttlMs() < 0) {
            return refused(
                    GrpcStatus.INVALID_ARGUMENT,
                    "ttl_ms is " + request.ttlMs() + "; it must be 0 (the daemon's default) or more");
        }
        return Optional.empty();
    }

    /** Returns why a subscription is refused, whatever else is subscribed; empty when it is valid. */
    static Optional<GrpcFailure> problemWith(SubscribeRequest request, Settings.App limits) {
        if (request.getTopicsCount() == 0) {
            return refused(GrpcStatus.INVALID_ARGUMENT, "topics is empty; name at least one topic filter");
        }
        return problemWithOptions(request, limits);
    }

    private static Optional<GrpcFailure> problemWithOptions(SubscribeRequest request, Settings.App limits) {
        Optional<GrpcFailure> filterProblem = problemWithFilters(request.getTopicsList(), limits);
        if (filterProblem.isPresent()) {
            return filterProblem;
        }
        if (request.getMaxBufferSize() < 0) {
            return refused(
                    GrpcStatus.INVALID_ARGUMENT,
                    "max_buffer_size is " + request.getMaxBufferSize() + "; it must be 0 (the daemon's limit) or more");
        }
        if (request.getClientId().length() > MAX_CLIENT_ID_LENGTH
                || request.getClientId().chars().anyMatch(Character::isISOControl)) {
            return refused(
                    GrpcStatus.INVALID_ARGUMENT,
                    "client_id must have at most " + MAX_CLIENT_ID_LENGTH + " characters and no control characters");
        }
        Optional<String> groupProblem =
                request.getGroup().isEmpty() ? Optional.empty() : Share.problemWithGroup(request.getGroup());
        return groupProblem.flatMap(problem -> refused(GrpcStatus.INVALID_ARGUMENT, problem));
    }

    /** Returns why a resumption is refused, whether the subscription is known or not; empty when it is valid. */
    static Optional<GrpcFailure> problemWith(ResumeSubscribeRequest request, Settings.App limits) {
        String id = request.getSubscriptionId();
        if (id.isEmpty()
                || id.length() > MAX_SUBSCRIPTION_ID_LENGTH
                || id.chars().anyMatch(Character::isISOControl)) {
            return refused(
                    GrpcStatus.INVALID_ARGUMENT,
                    "subscription_id must have 1 to " + MAX_SUBSCRIPTION_ID_LENGTH
                            + " characters and no control characters; it is in the first event of every subscription");
        }
        Optional<GrpcFailure> filterProblem = problemWithFilters(request.getTopicsList(), limits);
        if (filterProblem.isPresent()) {
            return filterProblem;
        }
        Optional<GrpcFailure> optionsProblem = problemWithOptions(request.getOptions(), limits);
        if (optionsProblem.isPresent()) {
            GrpcFailure problem = optionsProblem.get();
            return refused(problem.status(), "options: " + problem.getMessage());
        }
        if (request.getGapRecoveryMode() == GapRecoveryMode.UNRECOGNIZED) {
            return refused(
                    GrpcStatus.INVALID_ARGUMENT,
                    "gap_recovery_mode is " + request.getGapRecoveryModeValue()
                            + "; it must be GAP_RECOVERY_NONE, GAP_RECOVERY_RETAINED_ONLY or GAP_RECOVERY_REPLAY_BUFFER");
        }
        if (request.getLastSequencePerTopicCount() > Away.MAX_TOPICS) {
            return refused(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "last_sequence_per_topic has " + request.getLastSequencePerTopicCount() + " topics; at most "
                            + Away.MAX_TOPICS + " are allowed");
        }
        for (Map.Entry<String, Long> last : request.getLastSequencePerTopicMap().entrySet()) {
            if (last.getValue() < 0) {
                return refused(
                        GrpcStatus.INVALID_ARGUMENT,
                        "last_sequence_per_topic of '" + shown(last.getKey()) + "' is " + last.getValue()
                                + "; it must be 0 (nothing received) or more");
            }
        }
        return Optional.empty();
    }

    /** Returns a client's text as it may appear in an answer. */
    static String shown(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }

    private static Optional<String> problemWithFilter(String filter) {
        return Share.isShare(filter)
                ? Optional.of("filter '" + shown(filter) + "' begins with '$share/'; name the group in the field group")
                : Topic.problemWithFilter(filter);
    }

    private static Optional<GrpcFailure> problemWithFilters(List<String> filters, Settings.App limits) {
        if (filters.size() > limits.maxTopicsPerSubscription()) {
            return refused(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "the request has " + filters.size() + " topic filters; at most "
                            + limits.maxTopicsPerSubscription()
                            + " are allowed in a subscription (app.max-topics-per-subscription)");
        }
        return filters.stream()
                .flatMap(filter -> problemWithFilter(filter).stream())
                .findFirst()
                .flatMap(problem -> refused(GrpcStatus.INVALID_ARGUMENT, problem));
    }

    private static Optional<GrpcFailure> refused(GrpcStatus status, String text) {
        return Optional.of(new GrpcFailure(status, text));
    }
}
