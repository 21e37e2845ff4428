package io.nexusd.appapi;

import io.nexusd.model.Settings;
import io.nexusd.model.Topic;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.wire.GrpcFailure;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Optional;

/** What is wrong with a request of an application: the status it gets and a text that names value, rule and remedy. */
final class RequestRules {
    /** Longest client id, in characters. */
    static final int MAX_CLIENT_ID_LENGTH = 128;

    private RequestRules() {}

    /** Returns why a publish is refused; empty when it is accepted. */
    static Optional<GrpcFailure> problemWith(PublishRequest request, Settings.App limits) {
        int size = request.getPayload().size();
        if (size > limits.maxPayloadBytes()) {
            return refused(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "payload has " + size + " bytes; at most " + limits.maxPayloadBytes()
                            + " are allowed (app.max-payload-bytes)");
        }
        Optional<String> topicProblem = Topic.problemWithTopic(request.getTopic());
        if (topicProblem.isPresent()) {
            return refused(GrpcStatus.INVALID_ARGUMENT, topicProblem.get());
        }
        if (request.getTtlMs() < 0) {
            return refused(
                    GrpcStatus.INVALID_ARGUMENT,
                    "ttl_ms is " + request.getTtlMs() + "; it must be 0 (the daemon's default) or more");
        }
        if (request.getRetain()) {
            return refused(
                    GrpcStatus.UNIMPLEMENTED,
                    "retained messages are not available in this version; publish with retain=false");
        }
        return Optional.empty();
    }

    /** Returns why a subscription is refused, whatever else is subscribed; empty when it is valid. */
    static Optional<GrpcFailure> problemWith(SubscribeRequest request, Settings.App limits) {
        int filters = request.getTopicsCount();
        if (filters == 0) {
            return refused(GrpcStatus.INVALID_ARGUMENT, "topics is empty; name at least one topic filter");
        }
        if (filters > limits.maxTopicsPerSubscription()) {
            return refused(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "the request has " + filters + " topic filters; at most " + limits.maxTopicsPerSubscription()
                            + " are allowed in a subscription (app.max-topics-per-subscription)");
        }
        for (String filter : request.getTopicsList()) {
            Optional<String> problem = Topic.problemWithFilter(filter);
            if (problem.isPresent()) {
                return refused(GrpcStatus.INVALID_ARGUMENT, problem.get());
            }
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
        if (!request.getGroup().isEmpty()) {
            return refused(
                    GrpcStatus.UNIMPLEMENTED, "groups are not available in this version; subscribe without a group");
        }
        return Optional.empty();
    }

    private static Optional<GrpcFailure> refused(GrpcStatus status, String text) {
        return Optional.of(new GrpcFailure(status, text));
    }
}
