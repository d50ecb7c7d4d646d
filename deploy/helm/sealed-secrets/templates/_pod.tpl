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
{{- $hostPort := ternary $port (index .root.Values.hostPorts .name) (not (empty .root.Values.hostNetwork)) -}}
- name: {{ .name }}
  containerPort: {{ $port }}
  {{- with $hostPort }}
  hostPort: {{ . }}
  {{- end }}
{{- end }}

{{- /*
The Pod's image. A values file for upstream's chart often sets the registry or the tag alone: no image of that name is
ours, and on a public registry anybody could publish one, which would read every sealing key.
*/ -}}
{{- define "sealed-secrets.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion | toString }}
{{- $isOwnRegistry := eq (toString .Values.image.registry) (include "sealed-secrets.ownRegistry" .) }}
{{- if eq .Values.image.repository (include "sealed-secrets.ownRepository" .) }}
{{- if and (not $isOwnRegistry) (has (.Values.image.registry | default "docker.io" | lower | trimSuffix "/") (list "docker.io" "index.docker.io" "registry-1.docker.io" "registry.hub.docker.com" "hub.docker.com" "ghcr.io" "quay.io" "registry.k8s.io" "public.ecr.aws")) }}
{{- fail (printf "image.registry is %s, but no image of this controller is published there: remove image.*, or set image.repository to an image of yours" (.Values.image.registry | default "docker.io")) }}
{{- else if and $isOwnRegistry (regexMatch "^v?\\d+\\.\\d+\\.\\d+$" $tag) (ne (trimPrefix "v" $tag) .Chart.AppVersion) }}
{{- fail (printf "image.tag is %s, but this chart is for version %s: remove image.tag, or name the image of that version in image.registry and image.repository" $tag .Chart.AppVersion) }}
{{- end }}
{{- end }}
{{- list .Values.image.registry .Values.image.repository | compact | join "/" }}:{{ $tag }}
{{- end }}

{{- /* Not empty for upstream's image, also from a mirror: a version that this controller does not have yet tells it. */ -}}
{{- define "sealed-secrets.isUpstreamImage" -}}
{{- $version := trimPrefix "v" (toString .Values.image.tag) }}
{{- $isVersion := and (regexMatch "^\\d+\\.\\d+\\.\\d+$" $version) (ne .Values.image.repository (include "sealed-secrets.ownRepository" .)) }}
{{- if contains "bitnami" .Values.image.repository }}yes
{{- else if $isVersion }}
{{- if and (semverCompare ">=0.7.0" $version) (semverCompare "<0.7.0" .Chart.AppVersion) }}yes{{ end }}
{{- end }}
{{- end }}

{{- /* true, false, or nothing for what the ServiceAccount says. */ -}}
{{- define "sealed-secrets.automount" -}}
{{- $hasOwnToken := false }}
{{- range .Values.additionalVolumeMounts }}
{{- $hasOwnToken = or $hasOwnToken (eq (trimSuffix "/" (toString .mountPath)) "/var/run/secrets/kubernetes.io/serviceaccount") }}
{{- end }}
{{- $says := list .Values.automountServiceAccountToken .Values.serviceAccount.automountServiceAccountToken }}
{{- if $hasOwnToken }}
{{- if kindIs "bool" (first $says) }}{{ first $says }}{{ end }}
{{- else if or (has true $says) (has false $says) }}true
{{- end }}
{{- end }}

{{- /* A security context without the chart's own switch, and on OpenShift without the ids that it refuses. Call with (list $ CONTEXT). */ -}}
{{- define "sealed-secrets.securityContext" -}}
{{- $context := omit (index . 1) "enabled" }}
{{- if (index . 0).Capabilities.APIVersions.Has "security.openshift.io/v1" }}
{{- if eq (toString $context.fsGroup) "65534" }}{{ $context = omit $context "fsGroup" }}{{ end }}
{{- if eq (toString $context.runAsUser) "1001" }}{{ $context = omit $context "runAsUser" }}{{ end }}
{{- end }}
{{- toYaml $context }}
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
