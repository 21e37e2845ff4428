package io.nexusd.appapi.admin;

import com.google.protobuf.Message;
import io.nexusd.bus.Bus;
import io.nexusd.proto.admin.AdminServiceService;
import io.nexusd.proto.admin.ExplainRequest;
import io.nexusd.proto.admin.ExplainResponse;
import io.nexusd.proto.admin.GetClientsRequest;
import io.nexusd.proto.admin.GetClientsResponse;
import io.nexusd.proto.admin.GetConfigRequest;
import io.nexusd.proto.admin.GetConfigResponse;
import io.nexusd.proto.admin.GetInfoRequest;
import io.nexusd.proto.admin.GetInfoResponse;
import io.nexusd.proto.admin.GetMemoryRequest;
import io.nexusd.proto.admin.GetMemoryResponse;
import io.nexusd.proto.admin.GetMeshRequest;
import io.nexusd.proto.admin.GetMeshResponse;
import io.nexusd.proto.admin.GetObjectRequest;
import io.nexusd.proto.admin.GetObjectResponse;
import io.nexusd.proto.admin.GetPeersRequest;
import io.nexusd.proto.admin.GetPeersResponse;
import io.nexusd.proto.admin.GetRetainedRequest;
import io.nexusd.proto.admin.GetRetainedResponse;
import io.nexusd.proto.admin.GetStatsRequest;
import io.nexusd.proto.admin.GetStatsResponse;
import io.nexusd.proto.admin.GetTopicsRequest;
import io.nexusd.proto.admin.GetTopicsResponse;
import io.nexusd.proto.admin.GetTrafficRequest;
import io.nexusd.proto.admin.GetTrafficResponse;
import io.nexusd.proto.admin.LogLevelRequest;
import io.nexusd.proto.admin.LogLevelResponse;
import io.nexusd.proto.admin.SleepRequest;
import io.nexusd.proto.admin.SleepResponse;
import io.nexusd.wire.BoundedAnswer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.StatusException;

/** The calls of the AdminService that have one answer, each handed to who knows it. */
final class AdminQueries extends AdminServiceService {
    private final NodeAnswers node;
    private final MeshAnswers mesh;
    private final TopicAnswers topics;

    AdminQueries(Vertx vertx, Bus bus, AdminCalls.Parts parts) {
        this.node = new NodeAnswers(vertx, bus, parts);
        this.mesh = new MeshAnswers(bus);
        this.topics = new TopicAnswers(bus, mesh);
    }

    @Override
    public Future<GetInfoResponse> getInfo(GetInfoRequest request) {
        return told(node.info());
    }

    @Override
    public Future<GetStatsResponse> getStats(GetStatsRequest request) {
        return told(node.stats());
    }

    @Override
    public Future<GetMemoryResponse> getMemory(GetMemoryRequest request) {
        return told(node.memory());
    }

    @Override
    public Future<GetConfigResponse> getConfig(GetConfigRequest request) {
        return told(node.config());
    }

    @Override
    public Future<LogLevelResponse> logLevel(LogLevelRequest request) {
        return told(node.logLevel(request.getLevel()));
    }

    @Override
    public Future<SleepResponse> sleep(SleepRequest request) {
        return told(node.sleep(request.getDurationMs()));
    }

    @Override
    public Future<GetPeersResponse> getPeers(GetPeersRequest request) {
        return told(mesh.peers());
    }

    @Override
    public Future<GetMeshResponse> getMesh(GetMeshRequest request) {
        return told(mesh.mesh());
    }

    @Override
    public Future<GetClientsResponse> getClients(GetClientsRequest request) {
        return told(topics.clients());
    }

    @Override
    public Future<GetTopicsResponse> getTopics(GetTopicsRequest request) {
        return told(topics.topics());
    }

    @Override
    public Future<GetRetainedResponse> getRetained(GetRetainedRequest request) {
        return told(topics.retained(request.getFilter(), request.getLimit()));
    }

    @Override
    public Future<ExplainResponse> explain(ExplainRequest request) {
        return told(topics.explain(request.getTopic()));
    }

    @Override
    public Future<GetTrafficResponse> getTraffic(GetTrafficRequest request) {
        return told(topics.traffic());
    }

    @Override
    public Future<GetObjectResponse> getObject(GetObjectRequest request) {
        return told(topics.object(request.getKey()));
    }

    /** Whatever is not refused fails only because a verticle does not answer. */
    private static <T extends Message> Future<T> told(Future<T> answer) {
        return answer.map(whole -> BoundedAnswer.fit(whole, BoundedAnswer.CLIENT_MESSAGE_BYTES))
                .recover(e -> e instanceof StatusException
                        ? Future.failedFuture(e)
                        : refused(GrpcStatus.UNAVAILABLE, "the node is starting or stopping; try again"));
    }

    static <T> Future<T> refused(GrpcStatus status, String text) {
        return Future.failedFuture(new StatusException(status, text));
    }
}
