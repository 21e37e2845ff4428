package io.nexusd.appapi;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.nexusd.wire.BoundedAnswer;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.StatusException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls that take exactly one request, whatever they answer; anything else is INVALID_ARGUMENT with a text. */
final class OneRequest {
    private OneRequest() {}

    /** Hands the request on; what the receiver throws ends the call. */
    static <Q> void read(ServerCall call, Parser<Q> parser, Consumer<Q> receiver) {
        boolean[] opened = {false};
        call.onMessages(messages -> {
            if (opened[0] || messages.size() > 1) {
                throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the call takes one request");
            }
            opened[0] = true;
            receiver.accept(messages.get(0).parsed(parser));
        });
        call.onHalfClose(() -> {
            if (!opened[0]) {
                throw new GrpcFailure(GrpcStatus.INVALID_ARGUMENT, "the call ended without a request");
            }
        });
    }

    /** Serves a call that has one answer too; a future that fails with a {@link GrpcFailure} ends it with that status. */
    static <Q> void answer(ServerCall call, Parser<Q> parser, Function<Q, Future<? extends Message>> answers) {
        read(
                call,
                parser,
                request -> answers.apply(request)
                        .onSuccess(answer -> call.endWith(
                                GrpcFrames.frame(BoundedAnswer.fit(answer, BoundedAnswer.CLIENT_MESSAGE_BYTES))))
                        .onFailure(e -> {
                            if (e instanceof GrpcFailure failure) {
                                call.end(failure.status(), failure.getMessage());
                            } else if (e instanceof StatusException refusal) {
                                call.end(refusal.status(), refusal.message() == null ? "" : refusal.message());
                            } else {
                                call.end(GrpcStatus.UNAVAILABLE, "the node is starting or stopping; try again");
                            }
                        }));
    }
}
