/** The service with a real authorization server, which is started as a process of its own. */
@NullMarked
package org.botoxfhir.keycloak;

import org.jspecify.annotations.NullMarked;
