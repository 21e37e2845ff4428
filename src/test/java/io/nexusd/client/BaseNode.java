package io.nexusd.client;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.nexusd.proto.discovery.Beacon;
import io.nexusd.proto.mesh.Ack;
import io.nexusd.proto.mesh.MessageEnvelope;
import io.nexusd.proto.mesh.NodeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A node of protocol version 1, none of whose code is the daemon's: a beacon each second, the three base RPCs, nothing else.
 * Wants the filters it is given and keeps what it is sent.
 */
public final class BaseNode implements AutoCloseable {
    private static final String SERVICE = "nexusd.mesh.MeshService";
    private static final InetSocketAddress GROUP = new InetSocketAddress("239.255.42.1", 5670);
    private static final int DEADLINE_S = 15;

    private static final MethodDescriptor<Empty, NodeState> GET_NODE_STATE =
            method(MethodType.UNARY, "GetNodeState", Empty.getDefaultInstance(), NodeState.getDefaultInstance());
    private static final MethodDescriptor<MessageEnvelope, Ack> PUSH_MESSAGE =
            method(MethodType.UNARY, "PushMessage", MessageEnvelope.getDefaultInstance(), Ack.getDefaultInstance());
    private static final MethodDescriptor<MessageEnvelope, Ack> PUSH_MESSAGE_STREAM = method(
            MethodType.BIDI_STREAMING,
            "PushMessageStream",
            MessageEnvelope.getDefaultInstance(),
            Ack.getDefaultInstance());

    private final String uuid = UUID.randomUUID().toString();
    private final String address;
    private final Server server;
    private final DatagramSocket beacons;
    private final DatagramChannel channel;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong statesGiven = new AtomicLong();
    private final List<MessageEnvelope> received = new ArrayList<>();
    private final List<MessageEnvelope> retained = new ArrayList<>();
    private List<String> filters;
    // Only ever compared with the last one of this node, so a count is as good as a checksum.
    private long interestVersion = 1;

    /** Serves and announces itself at an address of this machine. */
    public BaseNode(String address, boolean hasStream, String... filters) {
        this.address = address;
        this.filters = List.of(filters);
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(address, 0))
                    .addService(service(hasStream))
                    .build()
                    .start();
            channel = DatagramChannel.open(StandardProtocolFamily.INET);
            channel.setOption(
                    StandardSocketOptions.IP_MULTICAST_IF,
                    NetworkInterface.getByInetAddress(InetAddress.getByName(address)));
            beacons = channel.socket();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        clock.scheduleAtFixedRate(this::announce, 0, 1, TimeUnit.SECONDS);
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
            MethodType type, String name, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(type)
                .setFullMethodName(SERVICE + "/" + name)
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }

    private BindableService service(boolean hasStream) {
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(SERVICE)
                .addMethod(GET_NODE_STATE, ServerCalls.asyncUnaryCall((request, answer) -> {
                    answer.onNext(state());
                    answer.onCompleted();
                }))
                .addMethod(PUSH_MESSAGE, ServerCalls.asyncUnaryCall((envelope, answer) -> {
                    answer.onNext(take(envelope));
                    answer.onCompleted();
                }));
        if (hasStream) {
            service.addMethod(PUSH_MESSAGE_STREAM, ServerCalls.asyncBidiStreamingCall(this::takeAll));
        }
        ServerServiceDefinition built = service.build();
        return () -> built;
    }

    private StreamObserver<MessageEnvelope> takeAll(StreamObserver<Ack> acks) {
        return new StreamObserver<>() {
            @Override
            public void onNext(MessageEnvelope envelope) {
                acks.onNext(take(envelope));
            }

            @Override
            public void onError(Throwable e) {
                // The sender is gone; it opens a stream anew when it is back.
            }

            @Override
            public void onCompleted() {
                acks.onCompleted();
            }
        };
    }

    private synchronized Ack take(MessageEnvelope envelope) {
        received.add(envelope);
        return Ack.newBuilder()
                .setSuccess(true)
                .setMessageId(envelope.getMessageId())
                .build();
    }

    private synchronized NodeState state() {
        statesGiven.incrementAndGet();
        NodeState.Builder state = NodeState.newBuilder()
                .setInstanceUuid(uuid)
                .addAllTopics(filters)
                .setTopicStateHash(interestVersion);
        retained.forEach(envelope -> state.putRetainedMessages(envelope.getTopic(), envelope));
        return state.build();
    }

    private synchronized void announce() {
        byte[] bytes = Beacon.newBuilder()
                .setInstanceUuid(uuid)
                .setClusterId("default")
                .setRpcIp(address)
                .setRpcPort(server.getPort())
                .setTopicStateHash(interestVersion)
                .setTimestampMs(System.currentTimeMillis())
                .setProtocolVersion(1)
                .build()
                .toByteArray();
        try {
            beacons.send(new DatagramPacket(bytes, bytes.length, GROUP));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Wants other filters from now on, as the next beacon tells. */
    public synchronized void want(String... wanted) {
        filters = List.of(wanted);
        interestVersion++;
    }

    /** Tells of this retained message with its state from now on. */
    public synchronized void retain(MessageEnvelope envelope) {
        retained.add(envelope);
    }

    public String uuid() {
        return uuid;
    }

    /** How often a daemon asked for this node's state. */
    public long statesGiven() {
        return statesGiven.get();
    }

    public synchronized List<MessageEnvelope> received() {
        return List.copyOf(received);
    }

    public NodeState stateOf(String host, int port) {
        return with(
                host,
                port,
                client ->
                        ClientCalls.blockingUnaryCall(client, GET_NODE_STATE, deadline(), Empty.getDefaultInstance()));
    }

    public Ack push(String host, int port, MessageEnvelope envelope) {
        return with(host, port, client -> ClientCalls.blockingUnaryCall(client, PUSH_MESSAGE, deadline(), envelope));
    }

    /** Pushes over one stream, ends it, and returns the acknowledgements. */
    public List<Ack> pushAll(String host, int port, List<MessageEnvelope> envelopes) {
        return with(host, port, client -> {
            Collector<Ack> acks = new Collector<>();
            StreamObserver<MessageEnvelope> stream =
                    ClientCalls.asyncBidiStreamingCall(client.newCall(PUSH_MESSAGE_STREAM, deadline()), acks);
            envelopes.forEach(stream::onNext);
            acks.awaitValues(envelopes.size());
            stream.onCompleted();
            if (acks.awaitEnd() != null) {
                throw new AssertionError("the stream did not end well: " + acks.awaitEnd());
            }
            return acks.values();
        });
    }

    private static CallOptions deadline() {
        return CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS);
    }

    private static <T> T with(String host, int port, Function<ManagedChannel, T> use) {
        ManagedChannel client =
                NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
        try {
            return use.apply(client);
        } finally {
            client.shutdownNow();
        }
    }

    /** Falls silent without a word, as a killed process does. */
    @Override
    public void close() {
        clock.shutdownNow();
        server.shutdownNow();
        try {
            clock.awaitTermination(5, TimeUnit.SECONDS);
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
