CREATE TABLE "${schema}"."${prefix}second" ("id" INTEGER);
INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (2, 1);
