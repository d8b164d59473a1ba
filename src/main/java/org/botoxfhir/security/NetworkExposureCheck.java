package org.botoxfhir.security;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Keeps a service that authenticates nobody off the network. With {@code botox.security.issuer} each request needs a token, and it may
 * listen anywhere. Without, it starts in development mode, on a loopback address, and says so; on any other address, and on none (which
 * means all), only when {@code botox.security.authenticating-gateway} is true.
 *
 * <p>It reads the environment before the first bean is made, so a refused start has not migrated the database or opened a port.
 */
@Component
class NetworkExposureCheck implements BeanFactoryPostProcessor {
  private static final Logger log = LoggerFactory.getLogger(NetworkExposureCheck.class);

  /** @throws NetworkExposureException when patients' records would be open to the network */
  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    var binder = Binder.get(beans.getBean(Environment.class));
    @Nullable
    InetAddress address = binder.bind("server.address", InetAddress.class).orElse(null);
    var settings = binder.bindOrCreate("botox.security", Bindable.of(SecuritySettings.class));
    if (settings.issuer() != null) {
      log.info(
          "Every request needs an access token of {} for {}",
          settings.issuer(),
          settings.audiences());
    } else if (address != null && address.isLoopbackAddress()) {
      log.warn(
          "NOBODY IS AUTHENTICATED (development mode): everyone on this machine can read and write every record at {}; set botox.security.issuer for anything but development",
          address.getHostAddress());
    } else if (settings.authenticatingGateway()) {
      log.info(
          "Requests are not authenticated here: the operator states that a gateway in front does it");
    } else {
      throw new NetworkExposureException(
          address == null ? "every address" : address.getHostAddress());
    }
  }
}
