package io.nexusd.config;

import io.vertx.config.spi.ConfigStore;
import io.vertx.config.spi.ConfigStoreFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;

/**
 * Lets a configuration retriever read the files just as the start did: same places, same limits, failures as data. What the
 * stock file store hands over cannot tell a directory from a file, and fails as a whole when one is missing.
 */
public final class FilesStoreFactory implements ConfigStoreFactory {
    static final String TYPE = "nexusd-files";

    /** A file that is being written is read in halves, or empty; two equal readings this far apart are believed. */
    private static final long SETTLE_MS = 100;

    /** A file that never settles is taken as it is. */
    private static final int MAX_READINGS = 20;

    @Override
    public String name() {
        return TYPE;
    }

    @Override
    public ConfigStore create(Vertx vertx, JsonObject configuration) {
        return new FilesStore(vertx, fromJson(configuration));
    }

    static JsonObject toJson(FileSource source) {
        return new JsonObject()
                .put("named", source.named())
                .put("by", source.namedBy())
                .put(
                        "usual",
                        new JsonArray(
                                source.usual().stream().map(Path::toString).toList()))
                .put("workingDir", source.workingDir().toString());
    }

    private static FileSource fromJson(JsonObject json) {
        List<Path> usual = json.getJsonArray("usual").stream()
                .map(path -> Path.of((String) path))
                .toList();
        return new FileSource(
                json.getString("named"), json.getString("by"), usual, Path.of(json.getString("workingDir")));
    }

    private static final class FilesStore implements ConfigStore {
        private final Vertx vertx;
        private final FileSource source;
        private Snapshot believed = Snapshot.none();
        private boolean closed;

        FilesStore(Vertx vertx, FileSource source) {
            this.vertx = vertx;
            this.source = source;
        }

        @Override
        public Future<Buffer> get() {
            return readOnce().compose(first -> settle(first, MAX_READINGS)).map(snapshot -> {
                believed = snapshot;
                return snapshot.toJson().toBuffer();
            });
        }

        private Future<Snapshot> settle(Snapshot last, int readingsLeft) {
            if (last.equals(believed) || readingsLeft == 0) {
                return Future.succeededFuture(last);
            }
            return vertx.timer(SETTLE_MS).transform(tick -> {
                // Undeploying cancels the timer; nobody waits for the rest then.
                if (closed || tick.failed()) {
                    return Future.succeededFuture(last);
                }
                return readOnce()
                        .compose(next ->
                                next.equals(last) ? Future.succeededFuture(next) : settle(next, readingsLeft - 1));
            });
        }

        private Future<Snapshot> readOnce() {
            return vertx.executeBlocking(source::read);
        }

        @Override
        public Future<Void> close() {
            closed = true;
            return Future.succeededFuture();
        }
    }
}
