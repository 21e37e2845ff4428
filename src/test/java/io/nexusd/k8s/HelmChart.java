package io.nexusd.k8s;

import com.marcnuri.helm.Helm;
import io.nexusd.lab.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The project's Helm chart as Helm renders it for one release. Values are a YAML text, as in the file of {@code --values}.
 *
 * @param release name of the release
 */
record HelmChart(String release, String namespace) {
    static final Path DIRECTORY = Path.of("deploy", "helm", "nexusd");

    /** The release of the same names as in {@code k8s/}. */
    static final HelmChart NEXUSD = new HelmChart("nexusd", "nexusd");

    /** Returns what {@code helm template} prints. */
    String template(String values) {
        return withFile(
                values,
                file -> new Helm(DIRECTORY)
                        .template()
                        .withName(release)
                        .withNamespace(namespace)
                        .withValuesFile(file)
                        .call());
    }

    /** Returns the text with which Helm refuses the values. */
    String refusal(String values) {
        try {
            template(values);
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
        throw new AssertionError("Helm takes " + values);
    }

    /** Returns the status that {@code helm install --dry-run} prints, with the notes of the chart in it. */
    String notes(String values) {
        return withFile(
                values,
                file -> new Helm(DIRECTORY)
                        .install()
                        .clientOnly()
                        .dryRun()
                        .withName(release)
                        .withNamespace(namespace)
                        .withValuesFile(file)
                        .call()
                        .getOutput());
    }

    /** Returns the objects, read strictly. */
    Manifests render(String values) {
        return Manifests.parse(template(values));
    }

    /** Returns the objects of a text with several YAML documents as they are written, by kind and name. */
    static Map<String, Map<String, Object>> documents(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        Map<String, Map<String, Object>> documents = new LinkedHashMap<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(yaml)) {
            if (document != null) {
                Map<String, Object> object = asMap(document);
                String key =
                        object.get("kind") + " " + asMap(object.get("metadata")).get("name");
                if (documents.put(key, object) != null) {
                    throw new IllegalArgumentException(key + " is there twice");
                }
            }
        }
        return documents;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> asMap(Object object) {
        return (Map<String, Object>) object;
    }

    private static String withFile(String values, Function<Path, String> command) {
        Needs.HELM.require();
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                return command.apply(Files.writeString(file, values));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
