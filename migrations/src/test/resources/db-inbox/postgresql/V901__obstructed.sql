ALTER TABLE "${schema}"."${prefix}obstacle" ADD COLUMN "more" INTEGER;
INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (901, 1);
