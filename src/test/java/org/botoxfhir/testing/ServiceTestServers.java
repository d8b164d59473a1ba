package org.botoxfhir.testing;

import static org.springframework.test.context.support.TestPropertySourceUtils.INLINED_PROPERTIES_PROPERTY_SOURCE_NAME;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;

/** Gives the service of a {@link ServiceTest} its servers, and the test its clients. */
final class ServiceTestServers implements ContextCustomizerFactory {

  @Override
  public @Nullable ContextCustomizer createContextCustomizer(
      Class<?> testClass, List<ContextConfigurationAttributes> configuration) {
    ServiceTest test = AnnotatedElementUtils.findMergedAnnotation(testClass, ServiceTest.class);
    return test == null
        ? null
        : new Customizer(test.ownDatabase() ? testClass : ServiceTest.class, test.tokens());
  }

  /** @param owner contexts are shared between test classes whose customizers are equal */
  private record Customizer(Class<?> owner, boolean tokens) implements ContextCustomizer {

    @Override
    public void customizeContext(
        ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
      Map<String, Object> settings =
          new LinkedHashMap<>(TestServers.newDatabase().settings());
      if (tokens) {
        settings.putAll(TokenIssuer.shared().settings());
      }
      settings.put("management.server.port", "0");
      // Services of test classes that have run stay, and need no connections.
      settings.put("spring.datasource.hikari.minimum-idle", "2");
      settings.put("spring.datasource.hikari.idle-timeout", "10000");
      settings.put("botox.kafka.bootstrap-servers", TestServers.bootstrapServers());
      settings.put("botox.kafka.create-topics", "true");
      settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
      // Thousands of resources, and seconds of work, in the database of each service
      settings.put("botox.definitions.load", "false");
      settings.put("botox.shutdown.drain", "0s");
      settings.put("logging.structured.format.console", "");
      for (String logger : TestServers.quietLoggers()) {
        settings.put("logging.level." + logger, "WARN");
      }
      var source = new MapPropertySource("test servers", settings);
      var sources = context.getEnvironment().getPropertySources();
      if (sources.contains(INLINED_PROPERTIES_PROPERTY_SOURCE_NAME)) {
        // The properties of the annotation win, so that a test can take its own Kafka.
        sources.addAfter(INLINED_PROPERTIES_PROPERTY_SOURCE_NAME, source);
      } else {
        sources.addFirst(source);
      }
      var registry = (BeanDefinitionRegistry) context.getBeanFactory();
      register(
          registry,
          Fhir.class,
          () -> Fhir.ofPort(
              context.getEnvironment().getRequiredProperty("local.server.port", Integer.class)));
      register(
          registry,
          Events.class,
          () -> new Events(
              context.getEnvironment().getRequiredProperty("botox.kafka.bootstrap-servers")));
    }

    /** Lazy: the port is known only once the service listens. */
    private static <T> void register(
        BeanDefinitionRegistry registry, Class<T> type, Supplier<T> supplier) {
      var definition = new RootBeanDefinition(type, supplier);
      definition.setLazyInit(true);
      registry.registerBeanDefinition("test" + type.getSimpleName(), definition);
    }
  }
}
