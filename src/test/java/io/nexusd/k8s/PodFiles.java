package io.nexusd.k8s;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The volumes and the limits of one pod, and the command line that gives a container both. */
final class PodFiles implements AutoCloseable {
    private static final long DEFAULT_TMP_BYTES = 64 << 20;
    private static final long DEFAULT_MEMORY_BYTES = 1 << 30;
    private static final int DEFAULT_CPU_MILLIS = 2000;

    private final Path directory;
    private final PodSpec spec;
    private final Function<String, ConfigMap> configMap;
    private final Supplier<List<Service>> services;
    private final Map<String, ConfigMapVolume> volumesByName = new HashMap<>();
    private final String group;
    private volatile Cgroup cgroup;
    private volatile long peakBytes;

    /** Makes the volumes from what the ConfigMaps hold now. */
    PodFiles(Path directory, PodSpec spec, Function<String, ConfigMap> configMap, Supplier<List<Service>> services) {
        this.directory = directory;
        this.spec = spec;
        this.configMap = configMap;
        this.services = services;
        group = "nexusd-" + ProcessHandle.current().pid() + "-" + directory.getFileName();
        for (Volume volume : spec.getVolumes()) {
            if (volume.getConfigMap() != null) {
                volumesByName.put(volume.getName(), new ConfigMapVolume(directory.resolve(volume.getName())));
            }
        }
        sync();
    }

    /** What the kubelet does now and then: brings the ConfigMaps as they are now into the volumes. */
    void sync() {
        for (Volume volume : spec.getVolumes()) {
            ConfigMapVolumeSource source = volume.getConfigMap();
            if (source != null) {
                volumesByName.get(volume.getName()).write(configMap.apply(source.getName()));
            }
        }
    }

    /** Runs in a container of this pod. The limits it is to have are made now, for {@link #limits()}. */
    List<String> commandLine(Container container, Map<String, String> fields) {
        Map<String, String> environment =
                Containers.environment(container, name -> configMap.apply(name).getData(), fields);
        Map<String, Quantity> limits =
                container.getResources() == null || container.getResources().getLimits() == null
                        ? Map.of()
                        : container.getResources().getLimits();
        cgroup = new Cgroup(
                group,
                limits.containsKey("memory") ? Containers.bytes(limits.get("memory")) : DEFAULT_MEMORY_BYTES,
                limits.containsKey("cpu") ? Containers.millis(limits.get("cpu")) : DEFAULT_CPU_MILLIS);
        List<String> mounts = new ArrayList<>(List.of(image(container)));
        long tmpBytes = isReadOnly(container) ? 0 : DEFAULT_TMP_BYTES;
        for (VolumeMount mount : container.getVolumeMounts()) {
            ConfigMapVolume volume = volumesByName.get(mount.getName());
            if (volume != null) {
                mounts.add(volume.directory() + ":" + mount.getMountPath() + ":ro");
            } else if (mount.getMountPath().equals("/tmp")) {
                tmpBytes = tmpBytes(mount.getName());
            } else {
                throw new IllegalArgumentException("a volume that the player cannot mount: " + mount);
            }
        }
        List<String> command = new ArrayList<>(Containers.runtime(
                directory.resolve("root"),
                isReadOnly(container),
                user(
                        spec.getSecurityContext() == null
                                ? null
                                : spec.getSecurityContext().getRunAsUser()),
                user(
                        spec.getSecurityContext() == null
                                ? null
                                : spec.getSecurityContext().getRunAsGroup()),
                String.valueOf(tmpBytes),
                mounts));
        Containers.imageEnvironment(container).forEach((name, value) -> command.add(name + "=" + value));
        if (!Boolean.FALSE.equals(spec.getEnableServiceLinks())) {
            ServiceLinks.of(services.get()).forEach((name, value) -> command.add(name + "=" + value));
        }
        command.add("HOSTNAME=" + fields.get("metadata.name"));
        if (!cgroup.isEnforced()) {
            command.add("JAVA_TOOL_OPTIONS=" + cgroup.javaOptions());
        }
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(Containers.command(container, environment));
        return command;
    }

    private static String image(Container container) {
        return Containers.isBusybox(container)
                ? Path.of("src/test/resources/k8s/busybox").toAbsolutePath() + ":" + Containers.BUSYBOX + ":ro"
                : AppImage.directory() + ":/app:ro";
    }

    /** What comes before all else, while this machine's control groups are in sight. */
    List<String> limits() {
        return cgroup.prefix();
    }

    private static boolean isReadOnly(Container container) {
        return container.getSecurityContext() != null
                && Boolean.TRUE.equals(container.getSecurityContext().getReadOnlyRootFilesystem());
    }

    /** Without another word, the user of the image. */
    private static long user(Long id) {
        return id == null ? 65532 : id;
    }

    private long tmpBytes(String name) {
        return spec.getVolumes().stream()
                .filter(volume -> volume.getName().equals(name) && volume.getEmptyDir() != null)
                .map(volume -> volume.getEmptyDir().getSizeLimit())
                .filter(limit -> limit != null)
                .mapToLong(Containers::bytes)
                .findFirst()
                .orElse(DEFAULT_TMP_BYTES);
    }

    boolean isLimited() {
        return cgroup != null && cgroup.isEnforced();
    }

    /** Most memory that the pod's containers ever had at a time; 0 where nobody counts. */
    long peakBytes() {
        Cgroup current = cgroup;
        return current == null ? peakBytes : Math.max(peakBytes, current.peakBytes());
    }

    void containerEnded() {
        peakBytes = peakBytes();
        cgroup.close();
        cgroup = null;
    }

    @Override
    public void close() {
        try {
            ConfigMapVolume.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
