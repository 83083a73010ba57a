CREATE TABLE "${schema}"."${prefix}third" ("id" INTEGER);
INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (3, 1);
