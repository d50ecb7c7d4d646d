{{- /*
Values as `--set-string` and Terraform's `set` hand them over: "false" for false, "2" for 2, "a,b" for a list. Every file
begins with this template, which turns them into what the other templates expect. To read "false" as true, as upstream's
chart does, would grant rights that somebody took away.
*/ -}}
{{- define "sealed-secrets.readValues" -}}
{{- $switches := list
  "createController" "updateStatus" "skipRecreate" "logInfoStdout" "web" "watchForSecrets" "v2Keys" "hostNetwork" "hostUsers"
  "automountServiceAccountToken" "crds.upgrade" "serviceAccount.create" "serviceAccount.automountServiceAccountToken"
  "livenessProbe.enabled" "readinessProbe.enabled" "startupProbe.enabled"
  "podSecurityContext.enabled" "containerSecurityContext.enabled" "pdb.create"
  "ingress.enabled" "ingress.tls" "ingress.selfSigned" "networkPolicy.enabled" "networkPolicy.egress.enabled"
  "rbac.create" "rbac.clusterRole" "rbac.namespacedRoles" "rbac.pspEnabled" "rbac.aggregate"
  "rbac.serviceProxier.create" "rbac.serviceProxier.bind"
  "metrics.serviceMonitor.enabled" "metrics.serviceMonitor.honorLabels" "metrics.dashboards.create" "metrics.prometheusRule.enabled"
}}
{{- range $switches }}
{{- include "sealed-secrets.readValue" (list $.Values (splitList "." .) "switch") }}
{{- end }}
{{- $counts := list "initialDelaySeconds" "periodSeconds" "timeoutSeconds" "failureThreshold" "successThreshold" }}
{{- range $probe := list "livenessProbe" "readinessProbe" "startupProbe" }}
{{- range $counts }}
{{- include "sealed-secrets.readValue" (list $.Values (list $probe .) "count") }}
{{- end }}
{{- end }}
{{- include "sealed-secrets.readValue" (list $.Values (list "replicaCount") "count") }}
{{- include "sealed-secrets.readValue" (list $.Values (list "additionalNamespaces") "list") }}
{{- end }}

{{- /*
Replaces one string by the value that it writes; an empty one stays. A map that is missing becomes an empty one:
--reuse-values brings the values of the chart before, which may not have had it. Call with (list MAP PATH KIND).
*/ -}}
{{- define "sealed-secrets.readValue" -}}
{{- $map := index . 0 }}
{{- $path := index . 1 }}
{{- $key := first $path }}
{{- $value := index $map $key }}
{{- if gt (len $path) 1 }}
{{- if kindIs "invalid" $value }}
{{- $_ := set $map $key dict }}
{{- else if kindIs "map" $value }}
{{- include "sealed-secrets.readValue" (list $value (rest $path) (index . 2)) }}
{{- end }}
{{- else if and (kindIs "string" $value) $value }}
{{- if eq (index . 2) "switch" }}
{{- $_ := set $map $key (eq $value "true") }}
{{- else if eq (index . 2) "count" }}
{{- $_ := set $map $key (atoi $value) }}
{{- else }}
{{- $_ := set $map $key (regexSplit "[,\\s]+" (trimAll ", \n" $value) -1) }}
{{- end }}
{{- end }}
{{- end }}
