{{- /* Names and labels: upstream's, because Deployment selectors are immutable and kubeseal goes by the Service's name. */ -}}

{{- define "sealed-secrets.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* The release's name where it already says what this is, else <release>-<chart>. */ -}}
{{- define "sealed-secrets.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $derived := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $derived .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "sealed-secrets.namespace" -}}
{{- default .Release.Namespace .Values.namespace }}
{{- end }}

{{- define "sealed-secrets.serviceAccountName" -}}
{{- $fallback := ternary (include "sealed-secrets.fullname" .) "default" (not (empty .Values.serviceAccount.create)) }}
{{- default $fallback .Values.serviceAccount.name }}
{{- end }}

{{- define "sealed-secrets.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/name: {{ include "sealed-secrets.name" . }}
{{- end }}

{{- define "sealed-secrets.labels" -}}
{{ include "sealed-secrets.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: sealed-secrets
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* A value in which users may have written templates, as YAML. Call with (list VALUE $). */ -}}
{{- define "sealed-secrets.render" -}}
{{- $value := index . 0 }}
{{- tpl (ternary $value (toYaml $value) (kindIs "string" $value)) (index . 1) }}
{{- end }}

{{- /* Maps that may hold templates, merged into one; the later wins. Call with (list $ MAP...). */ -}}
{{- define "sealed-secrets.merge" -}}
{{- $root := first . }}
{{- $merged := dict }}
{{- range rest . }}
{{- with . }}
{{- $merged = mergeOverwrite $merged (include "sealed-secrets.render" (list . $root) | fromYaml) }}
{{- end }}
{{- end }}
{{- with $merged }}{{ toYaml . }}{{ end }}
{{- end }}

{{- /*
Everything below `metadata:`. Call with a dict: root; name and namespace unless they are the release's own;
labels and annotations of this kind of object, which may be nil.
*/ -}}
{{- define "sealed-secrets.metadata" -}}
{{- $root := .root }}
{{- $standard := include "sealed-secrets.labels" $root | fromYaml -}}
name: {{ .name | default (include "sealed-secrets.fullname" $root) }}
{{- if not .isClusterWide }}
namespace: {{ .namespace | default (include "sealed-secrets.namespace" $root) }}
{{- end }}
labels:
  {{- include "sealed-secrets.merge" (list $root $standard .labels $root.Values.commonLabels) | nindent 2 }}
{{- with include "sealed-secrets.merge" (list $root .annotations $root.Values.commonAnnotations) }}
annotations:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}
