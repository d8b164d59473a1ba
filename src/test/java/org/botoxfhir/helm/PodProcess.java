package org.botoxfhir.helm;

import static org.botoxfhir.helm.RenderedChart.at;
import static org.botoxfhir.helm.RenderedChart.container;
import static org.botoxfhir.helm.RenderedChart.list;
import static org.botoxfhir.helm.RenderedChart.map;
import static org.botoxfhir.helm.RenderedChart.pod;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The container of a Deployment or a Job as a process on this machine: the packaged jar with the environment, arguments and files that the
 * manifest gives it, and nothing else of this process' own environment. Folders that a pod mounts at /etc are made below a folder of
 * the test, and the same beginning of each path is replaced wherever it is named.
 */
final class PodProcess {
  private static final String MOUNTED = "/etc/botox-fhir";

  private final RenderedChart chart;
  private final Map<String, Map<String, byte[]>> secrets;
  private final Path root;

  /** @param secrets by their names, what an administrator has made @param root folder for the files of pods */
  PodProcess(RenderedChart chart, Map<String, Map<String, byte[]>> secrets, Path root) {
    this.chart = chart;
    this.secrets = secrets;
    this.root = root;
  }

  /** @param log what it prints */
  Process start(Map<String, Object> workload, Path log) throws IOException {
    mount(workload);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", packagedJar().toString()));
    if (container(workload).containsKey("args")) {
      list(at(container(workload), "args"))
          .forEach(argument -> command.add(here((String) argument)));
    }
    var builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment(workload));
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** What the build has made; it says where. */
  private static Path packagedJar() {
    return Path.of(Objects.requireNonNull(System.getProperty("botox.test.jar"), "botox.test.jar"));
  }

  private Map<String, String> environment(Map<String, Object> workload) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (Object entry : list(at(container(workload), "env"))) {
      var variable = map(entry);
      environment.put(
          (String) at(variable, "name"),
          here(
              variable.containsKey("value")
                  ? (String) at(variable, "value")
                  : new String(
                      secret((String) at(variable, "valueFrom", "secretKeyRef", "name"), (String)
                          at(variable, "valueFrom", "secretKeyRef", "key")),
                      StandardCharsets.UTF_8)));
    }
    return environment;
  }

  private byte[] secret(String name, String key) {
    byte[] value = secrets.getOrDefault(name, Map.of()).get(key);
    if (value == null) {
      throw new IllegalStateException("the test has made no secret " + name + " with key " + key);
    }
    return value;
  }

  private void mount(Map<String, Object> workload) throws IOException {
    Map<String, Map<String, Object>> volumes = new TreeMap<>();
    list(at(pod(workload), "volumes"))
        .forEach(volume -> volumes.put((String) at(volume, "name"), map(volume)));
    for (Object mount : list(at(container(workload), "volumeMounts"))) {
      String path = (String) at(mount, "mountPath");
      Map<String, Object> volume = volumes.get((String) at(mount, "name"));
      if (!path.startsWith(MOUNTED)) {
        continue; // /tmp, which this machine has
      }
      for (var file : content(volume).entrySet()) {
        Path here = Path.of(here(path)).resolve(file.getKey());
        Files.createDirectories(here.getParent());
        Files.deleteIfExists(here);
        Files.write(here, file.getValue());
        if (volume.containsKey("secret")) {
          // In a pod they are root's and may be read by the pod's group, which the driver of
          // PostgreSQL
          // takes for a key as it takes a file that only its owner reads.
          Files.setPosixFilePermissions(here, PosixFilePermissions.fromString("r--------"));
        }
      }
    }
  }

  private Map<String, byte[]> content(Map<String, Object> volume) {
    if (volume.containsKey("secret")) {
      return secrets.get((String) at(volume, "secret", "secretName"));
    }
    Map<String, byte[]> files = new TreeMap<>();
    var configMap = chart.named("ConfigMap", (String) at(volume, "configMap", "name"));
    map(at(configMap, "data"))
        .forEach(
            (name, text) -> files.put(name, here((String) text).getBytes(StandardCharsets.UTF_8)));
    return files;
  }

  private String here(String text) {
    return text.replace(MOUNTED, root + MOUNTED);
  }
}
