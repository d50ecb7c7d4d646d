{{- /* The controller's command line, as a YAML list. Values are upstream's; so are the flags they turn into. */ -}}
{{- define "sealed-secrets.args" -}}
{{- if .Values.args }}
{{- include "sealed-secrets.render" (list .Values.args $) }}
{{- else }}
{{- $flags := concat
  (include "sealed-secrets.switches" . | fromYamlArray)
  (include "sealed-secrets.settings" . | fromYamlArray)
  (include "sealed-secrets.render" (list .Values.extraArgs $) | fromYamlArray)
}}
{{- toYaml $flags }}
{{- end }}
{{- end }}

{{- /* Flags without a value. */ -}}
{{- define "sealed-secrets.switches" -}}
{{- $on := dict
  "--skip-recreate" .Values.skipRecreate
  "--log-info-stdout" .Values.logInfoStdout
  "--watch-for-secrets" .Values.watchForSecrets
  "--v2-keys" .Values.v2Keys
  "--web" .Values.web
  "--all-namespaces=false" (and .Values.rbac.namespacedRoles (not .Values.additionalNamespaces))
}}
- {{ ternary "--update-status" "--update-status=false" (.Values.updateStatus | default false) }}
{{- range $flag, $isOn := $on }}
{{- if $isOn }}
- {{ $flag }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Flags with a value: an empty one leaves the choice to the controller. */ -}}
{{- define "sealed-secrets.settings" -}}
{{- $renewPeriod := ternary "0" .Values.keyrenewperiod (eq (toString .Values.keyrenewperiod) "0") }}
{{- $rows := list
  (list "--key-prefix" .Values.secretName)
  (list "--key-renew-period" $renewPeriod)
  (list "--key-wrapper" (.Values.keyWrapper | default dict).name)
  (list "--split-key" .Values.splitKey)
  (list "--key-ttl" .Values.keyttl)
  (list "--key-cutoff-time" .Values.keycutofftime)
  (list "--privatekey-annotations" (include "sealed-secrets.pairs" .Values.privateKeyAnnotations))
  (list "--privatekey-labels" (include "sealed-secrets.pairs" .Values.privateKeyLabels))
  (list "--additional-namespaces" (join "," .Values.additionalNamespaces))
  (list "--rate-limit" .Values.rateLimit)
  (list "--rate-limit-burst" .Values.rateLimitBurst)
  (list "--max-unseal-retries" .Values.maxRetries)
  (list "--kubeclient-qps" .Values.kubeClientQPS)
  (list "--kubeclient-burst" .Values.kubeClientBurst)
  (list "--min-format" .Values.minFormat)
  (list "--expiry-policy" .Values.expiryPolicy)
  (list "--require-signer" .Values.requireSigner)
  (list "--allowed-signers" (include "sealed-secrets.signersFile" .))
  (list "--audit-log" (.Values.auditLog | default dict).file)
  (list "--audit-failure" (.Values.auditLog | default dict).onFailure)
  (list "--log-level" .Values.logLevel)
  (list "--log-format" .Values.logFormat)
  (list "--listen-addr" (printf ":%s" (include "sealed-secrets.text" .Values.containerPorts.http)))
  (list "--listen-metrics-addr" (printf ":%s" (include "sealed-secrets.text" .Values.containerPorts.metrics)))
}}
{{- range $rows }}
{{- if last . }}
- {{ first . }}
- {{ include "sealed-secrets.text" (last .) | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Where the ConfigMap of allowed signers is mounted; empty without one. */ -}}
{{- define "sealed-secrets.signersFile" -}}
{{- $signers := .Values.allowedSigners | default dict }}
{{- if $signers.configMap }}
{{- printf "/etc/sealed-secrets/signers/%s" ($signers.key | default "allowed_signers") }}
{{- else if and .Values.requireSigner (regexMatch "warn|enforce" .Values.requireSigner) }}
{{- fail "requireSigner needs allowedSigners.configMap: a ConfigMap with those who may sign" }}
{{- end }}
{{- end }}

{{- /*
Where the volume of the audit log is mounted; empty without one. Kubernetes replaces $(POD_NAME) in arguments, not in paths
of mounts.
*/ -}}
{{- define "sealed-secrets.auditDirectory" -}}
{{- $audit := .Values.auditLog | default dict }}
{{- if $audit.volume }}
{{- $directory := dir ($audit.file | default "-") }}
{{- if or (has $directory (list "." "/" "/tmp")) (contains "$" $directory) }}
{{- fail "auditLog.volume needs auditLog.file: a file in a directory of its own with a fixed name, such as /audit/$(POD_NAME).jsonl" }}
{{- end }}
{{- $directory }}
{{- end }}
{{- end }}

{{- /* {a: b, c: d} as a=b,c=d */ -}}
{{- define "sealed-secrets.pairs" -}}
{{- $pairs := list }}
{{- range $key, $value := . }}
{{- $pairs = append $pairs (printf "%s=%s" $key $value) }}
{{- end }}
{{- join "," $pairs }}
{{- end }}

{{- /* A number or a string as text; numbers in files are floats, and large ones would print as 1e+06. */ -}}
{{- define "sealed-secrets.text" -}}
{{- $isWhole := and (kindIs "float64" .) (eq (toString (floor .)) (toString .)) }}
{{- ternary (int64 .) . $isWhole }}
{{- end }}
