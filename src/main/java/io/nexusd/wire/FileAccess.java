package io.nexusd.wire;

import io.vertx.core.file.FileSystemOptions;

/** The file system as Vert.x may use it. */
public final class FileAccess {
    private FileAccess() {}

    /**
     * Without the directory of temporary files that Vert.x makes at its start, needs for web content only, and leaves behind
     * when the process is killed. A process without any writable directory starts too.
     */
    public static FileSystemOptions withoutCache() {
        return new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);
    }
}
