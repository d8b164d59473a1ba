package org.botoxfhir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * Brings the database up to date and ends (profile {@code migration}), so that a job can do it before the pods of a release start. A
 * migration that fails, or a database that is away, is an exit status other than 0. Named by {@code application-migration.yaml}.
 */
@Configuration(proxyBeanMethods = false)
@Profile("migration")
@ImportAutoConfiguration({DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
class MigrationRun {}
