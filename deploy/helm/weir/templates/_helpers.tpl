{{- define "weir.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "weir.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "weir.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "weir.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects pods; it must not change over the life of a release. Takes (dict "root" $ "role" name). */}}
{{- define "weir.selector" -}}
app.kubernetes.io/name: {{ include "weir.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "weir.labels" -}}
{{ include "weir.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "weir.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "weir.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "weir.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Whether a role is deployed. Without a server, elastic would have nothing to do and say so. */}}
{{- define "weir.deployed" -}}
{{- if .conf.enabled -}}
{{- if or (ne .role "elastic") (dig "elastic" "urls" list .root.Values.config) -}}yes{{- end -}}
{{- end -}}
{{- end -}}

{{/* The secret with the key of the archive's log, for the role that signs; else nothing. A folder that the configuration names
itself is the one that counts, as while the key is changed: then a pod that does not use the secret does not get it. */}}
{{- define "weir.logKey" -}}
{{- if and (eq .role "archive") (not (dig "archive" "log" "key_folder" "" .root.Values.config)) -}}{{- .root.Values.logKey.secret -}}{{- end -}}
{{- end -}}

{{/* The configuration of one role: that of the values, and what the chart has to set. */}}
{{- define "weir.config" -}}
{{- $own := dict "data" "/data" "console" (dict "listen" "0.0.0.0:8514") -}}
{{- if eq .role "ingest" -}}
{{- $_ := set $own "inputs" (dict "syslog" (dict "listen" "0.0.0.0:5514" "tls" (dict "listen" "0.0.0.0:6514") "relp" (dict "listen" "0.0.0.0:2514")) "snmptrap" (dict "listen" "0.0.0.0:1162") "ebpf" (dict "enabled" false)) -}}
{{- else if eq .role "agent" -}}
{{- $_ := set $own "inputs" (dict "syslog" (dict "enabled" false) "snmptrap" (dict "enabled" false) "ebpf" (dict "enabled" true) "file" (dict "paths" list) "aws" (dict "queue" "")) -}}
{{- end -}}
{{- if include "weir.logKey" . -}}
{{- $_ := set $own "archive" (dict "log" (dict "key_folder" "/keys")) -}}
{{- end -}}
{{- mustMergeOverwrite (deepCopy .root.Values.config) $own | toYaml -}}
{{- end -}}

{{/* Variables from secrets. Only those that exist: a missing secret keeps the pod from starting, and says so. */}}
{{- define "weir.env" -}}
{{- range $name, $from := .Values.secrets }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $from.name }}
      key: {{ $from.key }}
{{- end }}
{{- end -}}

{{- define "weir.mounts" -}}
- name: config
  mountPath: /etc/weir/weir.yaml
  subPath: weir.yaml
  readOnly: true
- name: data
  mountPath: /data
{{- if include "weir.logKey" . }}
# What weir writes beside the key, the last checkpoint that it signed, is in the data volume; the key itself is not.
- name: data
  mountPath: /keys
  subPath: keys
- name: log-key
  mountPath: /keys/log.key
  subPath: log.key
  readOnly: true
{{- end }}
{{- range $name, $from := .root.Values.files }}
- name: file-{{ $name }}
  mountPath: /etc/weir/{{ $name }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "weir.volumes" -}}
- name: config
  configMap:
    name: {{ include "weir.fullname" .root }}-{{ .role }}
{{- with include "weir.logKey" . }}
- name: log-key
  secret:
    secretName: {{ . }}
    defaultMode: 0400
{{- end }}
{{- range $name, $from := .root.Values.files }}
- name: file-{{ $name }}
  {{- if $from.secret }}
  secret:
    secretName: {{ $from.secret }}
  {{- else }}
  configMap:
    name: {{ $from.configMap }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Alive is not ready: a weir that makes its senders wait must not be killed for it, only be left out. */}}
{{- define "weir.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: console}
  periodSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: console}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: console}
  periodSeconds: 5
  timeoutSeconds: 3
{{- end -}}
