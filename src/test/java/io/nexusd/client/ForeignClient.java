package io.nexusd.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.nexusd.proto.sidecar.GetPeersRequest;
import io.nexusd.proto.sidecar.GetPeersResponse;
import io.nexusd.proto.sidecar.GetTopicsRequest;
import io.nexusd.proto.sidecar.GetTopicsResponse;
import io.nexusd.proto.sidecar.MessageEvent;
import io.nexusd.proto.sidecar.PeerInfo;
import io.nexusd.proto.sidecar.PublishBatch;
import io.nexusd.proto.sidecar.PublishBatchResponse;
import io.nexusd.proto.sidecar.PublishRequest;
import io.nexusd.proto.sidecar.PublishResponse;
import io.nexusd.proto.sidecar.ResumeSubscribeRequest;
import io.nexusd.proto.sidecar.SubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeRequest;
import io.nexusd.proto.sidecar.UnsubscribeResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An application that speaks to a daemon through grpc-java: none of the daemon's own code is on its way. */
public final class ForeignClient implements AutoCloseable {
    private static final String SERVICE = "nexusd.sidecar.SidecarService/";
    private static final int DEADLINE_S = 15;
    private static final int MAX_BYTES = 64 * 1024 * 1024;

    public static final MethodDescriptor<PublishRequest, PublishResponse> PUBLISH = method(
            MethodType.UNARY, "Publish", PublishRequest.getDefaultInstance(), PublishResponse.getDefaultInstance());
    public static final MethodDescriptor<PublishRequest, PublishResponse> PUBLISH_STREAM = method(
            MethodType.BIDI_STREAMING,
            "PublishStream",
            PublishRequest.getDefaultInstance(),
            PublishResponse.getDefaultInstance());
    public static final MethodDescriptor<PublishBatch, PublishBatchResponse> PUBLISH_BATCH_STREAM = method(
            MethodType.BIDI_STREAMING,
            "PublishBatchStream",
            PublishBatch.getDefaultInstance(),
            PublishBatchResponse.getDefaultInstance());
    public static final MethodDescriptor<SubscribeRequest, MessageEvent> SUBSCRIBE = method(
            MethodType.SERVER_STREAMING,
            "Subscribe",
            SubscribeRequest.getDefaultInstance(),
            MessageEvent.getDefaultInstance());
    public static final MethodDescriptor<ResumeSubscribeRequest, MessageEvent> RESUME = method(
            MethodType.SERVER_STREAMING,
            "ResumeSubscribe",
            ResumeSubscribeRequest.getDefaultInstance(),
            MessageEvent.getDefaultInstance());
    private static final MethodDescriptor<UnsubscribeRequest, UnsubscribeResponse> UNSUBSCRIBE = method(
            MethodType.UNARY,
            "Unsubscribe",
            UnsubscribeRequest.getDefaultInstance(),
            UnsubscribeResponse.getDefaultInstance());
    public static final MethodDescriptor<GetTopicsRequest, GetTopicsResponse> GET_TOPICS = method(
            MethodType.UNARY,
            "GetTopics",
            GetTopicsRequest.getDefaultInstance(),
            GetTopicsResponse.getDefaultInstance());
    public static final MethodDescriptor<GetPeersRequest, GetPeersResponse> GET_PEERS = method(
            MethodType.UNARY, "GetPeers", GetPeersRequest.getDefaultInstance(), GetPeersResponse.getDefaultInstance());

    private final ManagedChannel channel;

    public ForeignClient(String host, int port) {
        this(NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .maxInboundMessageSize(MAX_BYTES)
                .build());
    }

    private ForeignClient(ManagedChannel channel) {
        this.channel = channel;
    }

    /** A client with grpc-java's default settings, which read messages of at most 4 MiB. */
    public static ForeignClient withDefaultSettings(String host, int port) {
        return new ForeignClient(
                NettyChannelBuilder.forAddress(host, port).usePlaintext().build());
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
            MethodType type, String name, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(type)
                .setFullMethodName(SERVICE + name)
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }

    public ManagedChannel channel() {
        return channel;
    }

    public PublishResponse publish(String topic, String payload) {
        return publish(PublishRequest.newBuilder()
                .setTopic(topic)
                .setPayload(ByteString.copyFrom(payload, StandardCharsets.UTF_8))
                .build());
    }

    public PublishResponse publish(PublishRequest request) {
        return call(PUBLISH, request);
    }

    public ForeignSubscription subscribe(String... filters) {
        return subscribe(SubscribeRequest.newBuilder()
                .addAllTopics(List.of(filters))
                .setClientId("grpc-java")
                .build());
    }

    /** Returns once the daemon has answered with subscription_info. */
    public ForeignSubscription subscribe(SubscribeRequest request) {
        return new ForeignSubscription(channel.newCall(SUBSCRIBE, CallOptions.DEFAULT), request).awaitInfo();
    }

    /** Subscribes and reads no message; returns once the daemon has answered with subscription_info. */
    public ForeignSubscription subscribePaused(SubscribeRequest request) {
        return ForeignSubscription.paused(channel.newCall(SUBSCRIBE, CallOptions.DEFAULT), request)
                .awaitInfo();
    }

    /** Returns once the daemon has answered with subscription_info. */
    public ForeignSubscription resume(ResumeSubscribeRequest request) {
        return tryResume(request).awaitInfo();
    }

    public ForeignSubscription tryResume(ResumeSubscribeRequest request) {
        return new ForeignSubscription(channel.newCall(RESUME, CallOptions.DEFAULT), request);
    }

    /** A subscription whose end, rather than beginning, is of interest. */
    public ForeignSubscription trySubscribe(SubscribeRequest request) {
        return new ForeignSubscription(channel.newCall(SUBSCRIBE, CallOptions.DEFAULT), request);
    }

    public StreamObserver<PublishRequest> publishStream(StreamObserver<PublishResponse> responses) {
        return ClientCalls.asyncBidiStreamingCall(channel.newCall(PUBLISH_STREAM, CallOptions.DEFAULT), responses);
    }

    public StreamObserver<PublishBatch> publishBatchStream(StreamObserver<PublishBatchResponse> responses) {
        return ClientCalls.asyncBidiStreamingCall(
                channel.newCall(PUBLISH_BATCH_STREAM, CallOptions.DEFAULT), responses);
    }

    public UnsubscribeResponse unsubscribe(String subscriptionId) {
        return call(
                UNSUBSCRIBE,
                UnsubscribeRequest.newBuilder()
                        .setSubscriptionId(subscriptionId)
                        .build());
    }

    public UnsubscribeResponse pause(String subscriptionId) {
        return call(
                UNSUBSCRIBE,
                UnsubscribeRequest.newBuilder()
                        .setSubscriptionId(subscriptionId)
                        .setPause(true)
                        .build());
    }

    public Map<String, Integer> topics() {
        return call(
                        GET_TOPICS,
                        GetTopicsRequest.newBuilder().setIncludeCounts(true).build())
                .getTopicsMap();
    }

    public List<PeerInfo> peers() {
        return call(
                        GET_PEERS,
                        GetPeersRequest.newBuilder().setIncludeState(true).build())
                .getPeersList();
    }

    public <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
        ClientCall<Q, R> call =
                channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS));
        return ClientCalls.blockingUnaryCall(call, request);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
