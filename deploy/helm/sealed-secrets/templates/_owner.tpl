{{- /* Where this controller's own image is, also if values name another one. scripts/release/chart.ts sets both. */ -}}
{{- define "sealed-secrets.ownRegistry" }}localhost{{ end }}
{{- define "sealed-secrets.ownRepository" }}fuin/sealed-secrets-controller{{ end }}
