package org.botoxfhir.helm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What Kubernetes and the operators would say of a manifest: a field that they do not know, and a value of another type than theirs. Both
 * by the classes that fabric8 generates of their schemas.
 */
final class KubernetesSchema {
  private static final Map<String, Class<?>> KINDS = Map.ofEntries(
      Map.entry("v1/ConfigMap", ConfigMap.class),
      Map.entry("v1/Service", Service.class),
      Map.entry("v1/ServiceAccount", ServiceAccount.class),
      Map.entry("apps/v1/Deployment", Deployment.class),
      Map.entry("batch/v1/Job", Job.class),
      Map.entry("autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
      Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class),
      Map.entry("networking.k8s.io/v1/Ingress", Ingress.class),
      Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
      Map.entry("gateway.networking.k8s.io/v1/HTTPRoute", HTTPRoute.class),
      Map.entry("monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class),
      Map.entry("monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class));

  /** As strict as the API server: a number is no text, a text no number. */
  private static final ObjectMapper STRICT = JsonMapper.builder()
      .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
      .withCoercionConfig(LogicalType.Textual, text -> {
        for (var shape : List.of(
            CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
          text.setCoercion(shape, CoercionAction.Fail);
        }
      })
      .build();

  private KubernetesSchema() {}

  /** @return what is wrong, each with its place; empty when nothing is */
  static List<String> problems(Map<String, Object> manifest) {
    String kind = manifest.get("apiVersion") + "/" + manifest.get("kind");
    Class<?> type = KINDS.get(kind);
    if (type == null) {
      return List.of(kind + " is not known");
    }
    try {
      List<String> unknown = new ArrayList<>();
      collectUnknown(kind, STRICT.readValue(STRICT.writeValueAsString(manifest), type), unknown);
      return unknown;
    } catch (JsonMappingException wrongType) {
      return List.of(
          "%s%s: %s".formatted(kind, wrongType.getPathReference(), wrongType.getOriginalMessage()));
    } catch (JsonProcessingException defect) {
      throw new IllegalStateException(defect);
    }
  }

  private static void collectUnknown(String place, Object value, List<String> unknown) {
    switch (value) {
      case null -> {}
      case Collection<?> values ->
        values.forEach(one -> collectUnknown(place + "[]", one, unknown));
      case Map<?, ?> values ->
        values.forEach((name, one) -> collectUnknown(place + "." + name, one, unknown));
      case Object model
      when model.getClass().getName().startsWith("io.fabric8.") ->
        fields(model.getClass()).forEach(field -> {
          Object held = held(field, model);
          if (field.getName().equals("additionalProperties") && held instanceof Map<?, ?> more) {
            more.keySet().forEach(name -> unknown.add(place + "." + name + " is unknown"));
          } else {
            collectUnknown(place + "." + field.getName(), held, unknown);
          }
        });
      default -> {}
    }
  }

  private static List<Field> fields(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> one = type;
        one != null && one.getName().startsWith("io.fabric8.") && !one.isEnum();
        one = one.getSuperclass()) {
      for (Field field : one.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          fields.add(field);
        }
      }
    }
    return fields;
  }

  private static Object held(Field field, Object model) {
    try {
      field.setAccessible(true);
      return field.get(model);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
