{{- define "botox-fhir.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 53 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 53 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "botox-fhir.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "botox-fhir.labels" -}}
{{ include "botox-fhir.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* What the schema cannot say in words that help. */}}
{{- define "botox-fhir.complete" -}}
{{- $settings := .Values.settings }}
{{- $_ := required "settings.spring.datasource.url is missing: the JDBC URL of the PostgreSQL database" $settings.spring.datasource.url }}
{{- $_ := required "settings.botox.kafka.bootstrap-servers is missing: host:port of the Kafka brokers" (index $settings.botox.kafka "bootstrap-servers") }}
{{- $_ := required "secrets.database is missing: the name of an existing secret with the keys username and password" .Values.secrets.database }}
{{- $_ := required "secrets.events is missing: the name of an existing secret with the key pseudonym-key" .Values.secrets.events }}
{{- if not (or $settings.botox.security.issuer (index $settings.botox.security "authenticating-gateway")) }}
{{- fail "say who authenticates: settings.botox.security.issuer with settings.botox.security.audiences, or, where a gateway in front authenticates and authorises every request, settings.botox.security.authenticating-gateway=true" }}
{{- end }}
{{- if and $settings.botox.security.issuer (not $settings.botox.security.audiences) }}
{{- fail "settings.botox.security.audiences is missing: what tokens of the issuer have as aud, usually the address of the FHIR base" }}
{{- end }}
{{- end }}
