{{- /* A probe of the controller's HTTP port, or the user's own. Call with a dict: root, field, path. */ -}}
{{- define "sealed-secrets.probe" -}}
{{- $standard := index .root.Values .field }}
{{- $custom := index .root.Values (printf "custom%s" (title .field)) }}
{{- if $standard.enabled }}
{{ .field }}:
  httpGet:
    path: {{ .path }}
    port: http
  {{- omit $standard "enabled" | toYaml | nindent 2 }}
{{- else if $custom }}
{{ .field }}:
  {{- include "sealed-secrets.render" (list $custom .root) | nindent 2 }}
{{- end }}
{{- end }}

{{- /* A container port; with the node's network it is a port of the node anyway. Call with a dict: root, name. */ -}}
{{- define "sealed-secrets.containerPort" -}}
{{- $port := index .root.Values.containerPorts .name }}
{{- $hostPort := ternary $port (index .root.Values.hostPorts .name) .root.Values.hostNetwork -}}
- name: {{ .name }}
  containerPort: {{ $port }}
  {{- with $hostPort }}
  hostPort: {{ . }}
  {{- end }}
{{- end }}

{{- define "sealed-secrets.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion | toString }}
{{- list .Values.image.registry .Values.image.repository | compact | join "/" }}:{{ $tag }}
{{- end }}

{{- define "sealed-secrets.isUpstreamImage" -}}
{{- if contains "bitnami" .Values.image.repository }}yes{{ end }}
{{- end }}

{{- /* As many as the user says; else two where the chart knows that they can elect a leader. */ -}}
{{- define "sealed-secrets.replicas" -}}
{{- $isElecting := include "sealed-secrets.isElecting" . }}
{{- if has (kindOf .Values.replicaCount) (list "string" "invalid") }}
{{- $isSafe := and $isElecting .Values.rbac.create (not (include "sealed-secrets.isUpstreamImage" .)) }}
{{- ternary 2 1 (not (empty $isSafe)) }}
{{- else }}
{{- if and (gt (int .Values.replicaCount) 1) (not $isElecting) }}
{{- fail "replicaCount above 1 needs leader election: remove --leader-elect=false" }}
{{- end }}
{{- int .Values.replicaCount }}
{{- end }}
{{- end }}
