package io.nexusd.lab;

import io.nexusd.config.ConfigLoader;
import io.nexusd.config.LoadResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes contents of a configuration file that must not be taken, each of another kind than the one before. */
public final class InvalidEdits {
    private static final List<String> WRONG_VALUES = List.of(
            "mesh.port: seventy",
            "mesh.port: 70000",
            "app.port: -1",
            "app.port: [1, 2]",
            "admin.port: {a: b}",
            "log.level: LOUD",
            "log.format: xml",
            "delivery.block-timeout-ms: 1.5",
            "delivery.subscriber-queue-limit: 0",
            "delivery.backpressure-policy: maybe",
            "discovery.peer-timeout-ms: 30",
            "discovery.multicast.group: 10.0.0.1",
            "discovery.multicast.enabled: perhaps",
            "peers.static: a:b:c",
            "peers.static: host",
            "peers.retry-max-interval-ms: 10",
            "cluster.id: 'two words'",
            "no.such.key: 1",
            "mesh: 5",
            "history: [a]",
            "app.max-payload-bytes: 99999999999999999999",
            "mesh.bind: 'not a host'");

    private static final List<String> BROKEN = List.of(
            "mesh: {port: 1",
            "a: b: c",
            "\tmesh: 1",
            "- just\n- a list",
            "just text",
            "key: 'open",
            "mesh.port: 1\nmesh.port: 2",
            "? [x]\n: y",
            "&a [*a]",
            "%YAML 9.9\n---\n",
            "42");

    /** An edit and its kind; content null: the file is gone. */
    public record Edit(String kind, byte[] content) {
        @Override
        public String toString() {
            return kind + " " + (content == null ? "" : new String(content, StandardCharsets.ISO_8859_1));
        }
    }

    private final Random random;
    private final Path probe;

    public InvalidEdits(Random random) throws IOException {
        this.random = random;
        probe = Files.createTempFile("invalid-edit", ".yaml");
        probe.toFile().deleteOnExit();
    }

    public Edit next(String valid) {
        while (true) {
            Edit edit = candidate(valid);
            if (edit.content() == null || isBlank(edit.content()) || isInvalid(edit.content())) {
                return edit;
            }
        }
    }

    private Edit candidate(String valid) {
        byte[] text = valid.getBytes(StandardCharsets.UTF_8);
        return switch (random.nextInt(8)) {
            case 0 -> new Edit("gone", null);
            case 1 -> new Edit("empty", " \n".repeat(random.nextInt(3)).getBytes(StandardCharsets.UTF_8));
            case 2 -> new Edit("half written", Arrays.copyOf(text, 1 + random.nextInt(text.length - 1)));
            case 3 -> new Edit("binary", bytes(1 + random.nextInt(4000)));
            case 4 -> new Edit("broken", text(pick(BROKEN) + "\n" + (random.nextBoolean() ? valid : "")));
            case 5 -> new Edit("damaged", damaged(text));
            default -> {
                // The one that is wrong stands last, and takes the place of the right one.
                String wrong = pick(WRONG_VALUES);
                String key = wrong.substring(0, wrong.indexOf(':'));
                StringBuilder rest = new StringBuilder();
                valid.lines()
                        .filter(line -> !line.startsWith(key + ":"))
                        .forEach(line -> rest.append(line).append('\n'));
                yield new Edit("wrong value", text(rest + wrong + "\n"));
            }
        };
    }

    private byte[] damaged(byte[] text) {
        byte[] damaged = text.clone();
        for (int i = 0; i < 1 + random.nextInt(5); i++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        return damaged;
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private String pick(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isBlank(byte[] content) {
        return new String(content, StandardCharsets.UTF_8).isBlank();
    }

    /** A random change may well give a valid file; the loader is asked, which the start of a daemon uses too. */
    private boolean isInvalid(byte[] content) {
        try {
            Files.write(probe, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LoadResult result = ConfigLoader.parse(new String[] {"--config", probe.toString()}, Map.of(), Path.of(""));
        return result instanceof LoadResult.ShowAndExit;
    }
}
