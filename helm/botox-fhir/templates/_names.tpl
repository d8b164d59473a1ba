{{- define "botox-fhir.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 53 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 53 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* All pods of the release. */}}
{{- define "botox-fhir.pods" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Those that serve. */}}
{{- define "botox-fhir.selector" -}}
{{ include "botox-fhir.pods" . }}
app.kubernetes.io/component: service
{{- end }}

{{- define "botox-fhir.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "botox-fhir.labels" -}}
{{ include "botox-fhir.pods" . }}
{{ include "botox-fhir.commonLabels" . }}
{{- end }}

{{- define "botox-fhir.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Whether the service itself speaks TLS. */}}
{{- define "botox-fhir.tls" -}}
{{- if (.Values.settings.server.ssl | default dict).bundle }}true{{ end }}
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
{{- if and (index $settings.botox.security "introspection-uri") (not .Values.secrets.introspection) }}
{{- fail "secrets.introspection is missing: the name of an existing secret with the keys client-id and client-secret, by which settings.botox.security.introspection-uri is asked" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
{{- fail "ingress.hosts is missing: the names under which clients reach the service" }}
{{- end }}
{{- if and .Values.gateway.enabled (not (and .Values.gateway.hosts .Values.gateway.parents)) }}
{{- fail "gateway.hosts and gateway.parents are missing: the names under which clients reach the service, and the gateways that listen to them" }}
{{- end }}
{{- if and .Values.autoscaling.enabled (lt (int .Values.autoscaling.maxReplicas) (int .Values.autoscaling.minReplicas)) }}
{{- fail "autoscaling.maxReplicas is below autoscaling.minReplicas" }}
{{- end }}
{{- end }}
