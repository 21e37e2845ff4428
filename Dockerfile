# syntax=docker/dockerfile:1
# The image that k8s/ runs:  docker build -t nexusd:0.1.0 .
# Without a Docker daemon: `mvn -Pimage -DskipTests package`, see docs/kubernetes.md.

ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-17
ARG RUNTIME_IMAGE=debian:12-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY pom.xml ./
COPY .mvn .mvn
COPY src src
RUN --mount=type=cache,target=/root/.m2 mvn -B -ntp -q -DskipTests package

# Only those modules of the JDK that the daemon and its commands use.
RUN jlink --output /opt/java --no-header-files --no-man-pages --strip-java-debug-attributes \
      --add-modules java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.jcmd,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs \
    && /opt/java/bin/java -Xshare:dump -XX:+UseSerialGC

COPY bin/nexusd bin/nexusd-cli bin/nexusd-archive /app/
# A layer keeps whole seconds only, and the archive below remembers the jar's time.
RUN cp target/nexusd.jar /app/nexusd.jar && touch -d "@$(date +%s)" /app/nexusd.jar \
    && chmod 755 /app/nexusd /app/nexusd-cli /app/nexusd-archive

FROM ${RUNTIME_IMAGE}
COPY --from=build /opt/java /opt/java
COPY --from=build /app /app
# The archive of loaded classes is good for this very file and JVM, so it is made where they will be.
RUN PATH=/opt/java/bin:$PATH /app/nexusd-archive
# What the JVM may take at most of the container's memory; the StatefulSet says the same.
ENV PATH=/opt/java/bin:/usr/local/bin:/usr/bin:/bin \
    LANG=C.UTF-8 \
    # A container has a network of its own, so who may connect is decided outside of it.
    NEXUSD_APP_BIND=0.0.0.0 \
    NEXUSD_JAVA_OPTS="-XX:MaxRAMPercentage=45 -XX:MaxDirectMemorySize=64m -XX:MaxMetaspaceSize=80m -XX:ReservedCodeCacheSize=48m -Xss512k -XX:+UseSerialGC -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError"
WORKDIR /app
USER 65532:65532
# Beacons, other nodes, applications, probes and metrics.
EXPOSE 5670/udp 5671 5672 9090
ENTRYPOINT ["/app/nexusd"]
