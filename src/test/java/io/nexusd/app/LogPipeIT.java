package io.nexusd.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.nexusd.client.ForeignSubscription;
import io.nexusd.lab.LabDaemon;
import io.nexusd.lab.Shell;
import io.nexusd.lab.ShowLogs;
import io.nexusd.proto.admin.LogLevelRequest;
import io.nexusd.proto.admin.LogLevelResponse;
import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon whose log goes into a pipe that nobody reads. */
@EnabledOnOs(OS.LINUX)
@ExtendWith(ShowLogs.class)
class LogPipeIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CALLS_BETWEEN_LOOKS = 1000;

    private static final MethodDescriptor<LogLevelRequest, LogLevelResponse> LOG_LEVEL =
            MethodDescriptor.<LogLevelRequest, LogLevelResponse>newBuilder()
                    .setType(MethodType.UNARY)
                    .setFullMethodName("nexusd.admin.AdminService/LogLevel")
                    .setRequestMarshaller(ProtoUtils.marshaller(LogLevelRequest.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(LogLevelResponse.getDefaultInstance()))
                    .build();

    private final Path pipe = LabDaemon.logDirectory()
            .resolve("log-pipe-" + ProcessHandle.current().pid());

    @BeforeEach
    void makePipe() throws Exception {
        Files.deleteIfExists(pipe);
        Shell.run("mkfifo", pipe.toString());
    }

    private LabDaemon start(String format) {
        return LabDaemon.onLoopback("log-pipe-" + format)
                .environment("NEXUSD_LOG_FORMAT", format)
                .prefix(List.of("sh", "-c", "exec \"$@\" >" + pipe + " 2>&1", "sh"))
                .start()
                .awaitReady();
    }

    /** Each call writes a line. */
    private static void logUntilLinesAreDropped(LabDaemon daemon) {
        LogLevelRequest request = LogLevelRequest.newBuilder().setLevel("INFO").build();
        while (daemon.metric("nexusd_log_lines_dropped_total") == 0) {
            List<ListenableFuture<LogLevelResponse>> answers = IntStream.range(0, CALLS_BETWEEN_LOOKS)
                    .mapToObj(i -> ClientCalls.futureUnaryCall(
                            daemon.client().channel().newCall(LOG_LEVEL, CallOptions.DEFAULT), request))
                    .toList();
            answers.forEach(Futures::getUnchecked);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void shouldServeAndStopWhileNobodyReadsTheLog(String format) throws Exception {
        // Opened for both, the pipe needs no other reader to be opened.
        try (RandomAccessFile unread = new RandomAccessFile(pipe.toFile(), "rw");
                LabDaemon daemon = start(format);
                ForeignSubscription subscription = daemon.client().subscribe("log/#")) {
            logUntilLinesAreDropped(daemon);
            assertThat(daemon.client().publish("log/a", "x").getSuccess()).isTrue();
            subscription.awaitMessages(1);
            assertThat(daemon.status("/livez")).isEqualTo(200);
            daemon.terminate();
            assertThat(daemon.exitCode(LIMIT)).isZero();
            assertThat(unread.getFD().valid()).isTrue();
        }
    }

    @Test
    void shouldSayHowManyLinesWereDroppedAndWriteTheLastOnes() throws Exception {
        try (RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw");
                LabDaemon daemon = start("text")) {
            logUntilLinesAreDropped(daemon);
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            readUntil("log lines dropped", reader, read);
            daemon.terminate();
            readUntil(" stopped\n", reader, read);
            assertThat(daemon.exitCode(LIMIT)).isZero();
            assertThat(read.toString(StandardCharsets.UTF_8).lines())
                    .allMatch(line -> line.matches("2[0-9]{3}-[0-9-]+T[0-9:.]+Z [A-Z]+ .*"))
                    .anyMatch(line -> line.matches(".* WARN .*log lines dropped.* lines=[1-9][0-9]* in_all=[0-9]+"));
        }
    }

    private static void readUntil(String end, RandomAccessFile reader, ByteArrayOutputStream read) throws Exception {
        byte[] buffer = new byte[65_536];
        while (!read.toString(StandardCharsets.UTF_8).contains(end)) {
            read.write(buffer, 0, reader.read(buffer));
        }
    }
}
