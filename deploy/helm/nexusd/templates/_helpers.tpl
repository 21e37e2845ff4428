{{/* The value of the label app.kubernetes.io/name. */}}
{{- define "nexusd.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/*
The name of the StatefulSet and the beginning of all other names. 52 characters: the label controller-revision-hash of the
pods has a hash of 10 characters and a dash behind it and is a label of at most 63. A dot of a release's name cannot be in the name
of a Service.
*/}}
{{- define "nexusd.fullname" -}}
{{- $name := include "nexusd.name" . }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $full .Values.fullnameOverride | replace "." "-" | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "nexusd.selectorLabels" -}}
app.kubernetes.io/name: {{ include "nexusd.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "nexusd.labels" -}}
{{ include "nexusd.selectorLabels" . }}
app.kubernetes.io/part-of: nexusd
{{- end }}

{{- define "nexusd.serviceAccountName" -}}
{{- default (ternary (include "nexusd.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{/* A port of the configuration, or the daemon's default where it is not set: (dict "root" $ "of" "mesh"). */}}
{{- define "nexusd.port" -}}
{{- $defaults := dict "mesh" 5671 "app" 5672 "admin" 9090 }}
{{- dig .of "port" (get $defaults .of) .root.Values.config | int }}
{{- end }}

{{/* Adds the keys of a map to another one that lacks them: (list target additions). Unlike merge, it keeps false and 0. */}}
{{- define "nexusd.addMissing" -}}
{{- $target := index . 0 }}
{{- range $key, $value := index . 1 }}
{{- if not (hasKey $target $key) }}
{{- $_ := set $target $key $value }}
{{- else if and (kindIs "map" $value) (kindIs "map" (get $target $key)) }}
{{- include "nexusd.addMissing" (list (get $target $key) $value) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The configuration file. Its default values depend on how pods find each other. */}}
{{- define "nexusd.config" -}}
{{- $name := include "nexusd.fullname" . }}
{{- $additions := dict "cluster" (dict "id" (ternary "default" $name (eq $name "nexusd"))) }}
{{- if eq .Values.discovery "multicast" }}
{{- $_ := set $additions "discovery" (dict "multicast" (dict "enabled" true "group" "239.255.42.1" "port" 5670)) }}
{{- else if eq .Values.discovery "dns" }}
{{- $service := printf "%s-headless:%s" $name (include "nexusd.port" (dict "root" . "of" "mesh")) }}
{{- $_ := set $additions "peers" (dict "dns" $service "dns-refresh-ms" 2000 "retry-interval-ms" 1000) }}
{{- else }}
{{- $_ := set $additions "peers" (dict "retry-interval-ms" 1000) }}
{{- end }}
{{- $config := deepCopy .Values.config }}
{{- include "nexusd.addMissing" (list $config $additions) }}
{{- toYaml $config }}
{{- end }}

{{/* A drain that Kubernetes would cut short is a mistake that shows only when messages are lost. */}}
{{- define "nexusd.validate" -}}
{{- $drainMs := dig "delivery" "drain-timeout-ms" 10000 .Values.config | int64 }}
{{- if le (mul (.Values.terminationGracePeriodSeconds | int64) 1000) $drainMs }}
{{- fail (printf "terminationGracePeriodSeconds (%d) must be more than config.delivery.drain-timeout-ms (%d ms)" (.Values.terminationGracePeriodSeconds | int64) $drainMs) }}
{{- end }}
{{- end }}
