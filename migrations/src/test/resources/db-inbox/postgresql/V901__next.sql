CREATE TABLE "${schema}"."${prefix}next" ("id" INTEGER);
INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (901, 1);
