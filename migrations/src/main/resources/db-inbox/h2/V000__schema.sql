-- Purpose: the schema that V001 and later create their tables in. Only for running the scripts by hand; the runner
--          creates the schema by itself.
-- Lock:    none.
-- Online:  yes. Needs the right to create schemas. Skip it if the schema exists.
-- Undo:    DROP SCHEMA "${schema}";

CREATE SCHEMA IF NOT EXISTS "${schema}";
