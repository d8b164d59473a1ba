package org.botoxfhir.testing;

import java.util.Arrays;
import java.util.Comparator;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/**
 * Runs test classes that share a service one after another, those without a {@link ServiceTest} first: each change from one service to
 * another has Spring pause the one and wake the other, whose relay then takes over anew.
 */
public final class ByService implements ClassOrderer {

  @Override
  public void orderClasses(ClassOrdererContext context) {
    context.getClassDescriptors().sort(Comparator.comparing(ByService::service));
  }

  private static String service(ClassDescriptor test) {
    return test.findAnnotation(ServiceTest.class)
        .map(service -> service.ownDatabase()
            ? test.getTestClass().getName()
            : "%s %s".formatted(service.tokens(), Arrays.toString(service.properties())))
        .orElse("");
  }
}
