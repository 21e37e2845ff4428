package io.nexusd.k8s;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ENV instructions in the last stage of the Dockerfile: the environment of every container of the image. */
final class Dockerfile {
    /** A variable with its value, in quotes or without. */
    private static final Pattern ASSIGNMENT = Pattern.compile("([A-Z_][A-Z0-9_]*)=(?:\"([^\"]*)\"|(\\S*))");

    private Dockerfile() {}

    static Map<String, String> environment() {
        try {
            return environment(Files.readString(Path.of("Dockerfile")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, String> environment(String dockerfile) {
        Map<String, String> variables = new LinkedHashMap<>();
        String instructions = dockerfile.replaceAll("(?m)^\\s*#.*\n", "").replace("\\\n", " ");
        for (String line : instructions.lines().toList()) {
            if (line.startsWith("FROM ")) {
                variables.clear();
            } else if (line.startsWith("ENV ")) {
                Matcher assignment = ASSIGNMENT.matcher(line.substring(4));
                while (assignment.find()) {
                    variables.put(
                            assignment.group(1),
                            assignment.group(2) == null ? assignment.group(3) : assignment.group(2));
                }
            }
        }
        return variables;
    }
}
