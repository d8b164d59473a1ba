/** Entry point of the service. Each package below is one capability; their arrows are tested by {@code PackageArrowsTest}. */
@NullMarked
package org.botoxfhir;

import org.jspecify.annotations.NullMarked;
