package io.nexusd.appapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.nexusd.wire.GrpcFailure;
import io.nexusd.wire.GrpcFrames;
import io.nexusd.wire.ServerCall;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.reflection.v1.ErrorResponse;
import io.vertx.grpc.reflection.v1.FileDescriptorResponse;
import io.vertx.grpc.reflection.v1.ListServiceResponse;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.grpc.reflection.v1.ServiceResponse;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells gRPC tools what is served here. Answers any number of questions on one stream, as tools ask them, and under the name
 * v1alpha too, whose messages are the same: the reflection service of vertx-grpc ends the stream after one answer.
 */
final class Reflection {
    /** Paths served. */
    static final List<String> PATHS = List.of(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");

    private final List<String> services;
    private final Map<String, FileDescriptor> filesByName = new LinkedHashMap<>();
    private final Map<String, FileDescriptor> filesBySymbol = new HashMap<>();

    Reflection(List<ServiceDescriptor> served) {
        services = served.stream().map(ServiceDescriptor::getFullName).sorted().toList();
        served.forEach(service -> add(service.getFile()));
    }

    /** Serves a call. */
    void serve(ServerCall call) {
        call.withoutHaste()
                .onMessages(messages -> messages.forEach(message -> {
                    if (!call.writable()) {
                        throw new GrpcFailure(GrpcStatus.RESOURCE_EXHAUSTED, "read the answers before you ask more");
                    }
                    call.write(GrpcFrames.frame(answer(message.parsed(ServerReflectionRequest.parser()))));
                }));
        call.onHalfClose(() -> call.end(GrpcStatus.OK, ""));
    }

    ServerReflectionResponse answer(ServerReflectionRequest request) {
        ServerReflectionResponse.Builder answer = ServerReflectionResponse.newBuilder()
                .setValidHost(request.getHost())
                .setOriginalRequest(request);
        switch (request.getMessageRequestCase()) {
            case LIST_SERVICES -> {
                ListServiceResponse.Builder list = ListServiceResponse.newBuilder();
                services.forEach(
                        name -> list.addService(ServiceResponse.newBuilder().setName(name)));
                answer.setListServicesResponse(list);
            }
            case FILE_CONTAINING_SYMBOL ->
                file(answer, filesBySymbol.get(request.getFileContainingSymbol()), request.getFileContainingSymbol());
            case FILE_BY_FILENAME ->
                file(answer, filesByName.get(request.getFileByFilename()), request.getFileByFilename());
            default ->
                error(answer, GrpcStatus.UNIMPLEMENTED, request.getMessageRequestCase() + " is not answered here");
        }
        return answer.build();
    }

    private static void file(ServerReflectionResponse.Builder answer, FileDescriptor file, String wanted) {
        if (file == null) {
            error(answer, GrpcStatus.NOT_FOUND, "'" + wanted + "' is not known here");
            return;
        }
        Map<String, ByteString> withImports = new LinkedHashMap<>();
        collect(file, withImports);
        answer.setFileDescriptorResponse(
                FileDescriptorResponse.newBuilder().addAllFileDescriptorProto(withImports.values()));
    }

    private static void collect(FileDescriptor file, Map<String, ByteString> files) {
        if (files.putIfAbsent(file.getName(), file.toProto().toByteString()) == null) {
            file.getDependencies().forEach(imported -> collect(imported, files));
        }
    }

    private static void error(ServerReflectionResponse.Builder answer, GrpcStatus status, String text) {
        answer.setErrorResponse(
                ErrorResponse.newBuilder().setErrorCode(status.code).setErrorMessage(text));
    }

    private void add(FileDescriptor file) {
        if (filesByName.putIfAbsent(file.getName(), file) != null) {
            return;
        }
        file.getServices().forEach(service -> {
            symbol(service);
            service.getMethods().forEach(this::symbol);
        });
        file.getMessageTypes().forEach(this::symbol);
        file.getEnumTypes().forEach(this::symbol);
        file.getDependencies().forEach(this::add);
    }

    private void symbol(GenericDescriptor descriptor) {
        filesBySymbol.put(descriptor.getFullName(), descriptor.getFile());
    }
}
