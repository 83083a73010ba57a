package io.inbox.migrations;

import java.io.Reader;
import java.io.StringReader;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/** Gives Flyway the scripts of a {@link Catalog} with the names filled in, and nothing else. */
final class CatalogResources implements ResourceProvider {
  private final List<LoadableResource> scripts;

  CatalogResources(Catalog catalog, Database database, Names names) {
    this.scripts =
        catalog.migrations().stream()
            .map(
                migration ->
                    (LoadableResource)
                        new Script(
                            migration.fileName(), names.fill(catalog.script(database, migration))))
            .toList();
  }

  @Override
  public @Nullable LoadableResource getResource(String name) {
    return scripts.stream()
        .filter(script -> script.getFilename().equals(name))
        .findFirst()
        .orElse(null);
  }

  @Override
  public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
    return scripts.stream()
        .filter(script -> script.getFilename().startsWith(prefix))
        .filter(script -> Arrays.stream(suffixes).anyMatch(script.getFilename()::endsWith))
        .toList();
  }

  private static final class Script extends LoadableResource {
    private final String fileName;
    private final String sql;

    Script(String fileName, String sql) {
      this.fileName = fileName;
      this.sql = sql;
    }

    @Override
    public Reader read() {
      return new StringReader(sql);
    }

    @Override
    public String getAbsolutePath() {
      return fileName;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return fileName;
    }

    @Override
    public String getFilename() {
      return fileName;
    }

    @Override
    public String getRelativePath() {
      return fileName;
    }
  }
}
