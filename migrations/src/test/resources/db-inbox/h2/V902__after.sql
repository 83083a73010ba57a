CREATE TABLE "${schema}"."${prefix}after" ("id" INTEGER);
INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (902, 1);
