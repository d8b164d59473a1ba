package org.botoxfhir.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.annotation.AliasFor;
import org.springframework.test.context.ContextCustomizerFactories;

/**
 * A test of the running service: all of it, on random ports, over PostgreSQL and Kafka. {@link Fhir} and {@link Events} can be
 * injected.
 *
 * <p>Classes with the same {@link #properties} share one service and its database, so a test must find its records by ids or
 * identifiers of its own; a class that counts everything takes {@link #ownDatabase}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@ContextCustomizerFactories(ServiceTestServers.class)
public @interface ServiceTest {

  /** Settings of the service, as {@code name=value}. */
  @AliasFor(annotation = SpringBootTest.class, attribute = "properties")
  String[] properties() default {};

  /** Whether this class gets a service and an empty database that no other class uses; costs a start of the service. */
  boolean ownDatabase() default false;

  /** Whether every request needs a token of {@link TokenIssuer#shared()}; otherwise nobody is authenticated. */
  boolean tokens() default false;
}
