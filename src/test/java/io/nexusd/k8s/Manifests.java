package io.nexusd.k8s;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.nexusd.lab.Needs;
import io.nexusd.lab.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;

/**
 * Kubernetes objects read from YAML as an API server with strict validation would: what is not a field of the kind, of another
 * type than the field, or there twice is refused.
 */
record Manifests(List<HasMetadata> objects) {
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1 Namespace", Namespace.class,
            "v1 ServiceAccount", ServiceAccount.class,
            "v1 ConfigMap", ConfigMap.class,
            "v1 Service", Service.class,
            "apps/v1 StatefulSet", StatefulSet.class,
            "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class,
            "networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class);

    /** The models keep fields they do not know in a map that {@link JsonAnySetter} fills; here nothing fills it. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(MapperConfig<?> config, Annotated annotated) {
                    return annotated.hasAnnotation(JsonAnySetter.class) ? Boolean.FALSE : null;
                }
            })
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** The directories do not change while the tests run, and kubectl takes its time. */
    private static final Map<String, Manifests> RENDERED = new ConcurrentHashMap<>();

    Manifests {
        objects = List.copyOf(objects);
    }

    /** Returns the objects that {@code kubectl apply -k} would send for a directory of this project. */
    static Manifests render(String directory) {
        return RENDERED.computeIfAbsent(directory, Manifests::kustomize);
    }

    private static Manifests kustomize(String directory) {
        return parse(text(directory));
    }

    /** Returns what {@code kubectl kustomize} prints for a directory of this project. */
    static String text(String directory) {
        Needs.KUBECTL.require();
        Path path = Path.of(directory).toAbsolutePath();
        Shell.Outcome outcome = Shell.attempt("", List.of("kubectl", "kustomize", path.toString()));
        if (outcome.exitCode() != 0) {
            throw new IllegalStateException(
                    "kubectl kustomize " + path + " (wants kubectl 1.24 or later):\n" + outcome.output());
        }
        return outcome.output();
    }

    static Manifests read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Manifests parse(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<HasMetadata> objects = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(yaml)) {
            if (document != null) {
                objects.add(object((Map<?, ?>) document));
            }
        }
        return new Manifests(objects);
    }

    private static HasMetadata object(Map<?, ?> document) {
        String kind = document.get("apiVersion") + " " + document.get("kind");
        Class<? extends HasMetadata> model = KINDS.get(kind);
        if (model == null) {
            throw new IllegalArgumentException("no model for " + kind + "; known are " + KINDS.keySet());
        }
        return MAPPER.convertValue(document, model);
    }

    <T extends HasMetadata> List<T> all(Class<T> kind) {
        return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The only object of a kind. */
    <T extends HasMetadata> T the(Class<T> kind) {
        List<T> found = all(kind);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " objects of " + kind.getSimpleName() + " rather than one");
        }
        return found.get(0);
    }

    <T extends HasMetadata> T named(Class<T> kind, String name) {
        return all(kind).stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind.getSimpleName() + " " + name));
    }

    /** The same with these objects in the place of those of their kind and name. */
    Manifests replacing(List<? extends HasMetadata> others) {
        List<HasMetadata> replaced = new ArrayList<>(objects);
        replaced.replaceAll(object -> others.stream()
                .filter(other -> other.getClass() == object.getClass()
                        && other.getMetadata()
                                .getName()
                                .equals(object.getMetadata().getName()))
                .findFirst()
                .<HasMetadata>map(other -> other)
                .orElse(object));
        return new Manifests(replaced);
    }
}
