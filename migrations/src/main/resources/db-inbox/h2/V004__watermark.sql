-- Purpose: watermarks: for each partition of an ordered stream the highest position that a consumer has handled, and the
--          epoch of its owner.
-- Lock:    the database's catalogue, for each statement; the table is new.
-- Online:  yes. Every statement can be run again; the row in schema_version comes last. Services of the versions before
--          go on working beside it.
-- Undo:    DROP TABLE "${schema}"."${prefix}watermark";
--          DELETE FROM "${schema}"."${prefix}schema_version" WHERE "version" = 4; where each partition stands is lost, and
--          what was handled by its position is handled again.

-- position is -1 before the first. epoch grows with every owner; only the newest moves the position.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}watermark" (
  "tenant"    VARCHAR_CASESENSITIVE       NOT NULL,
  "consumer"  VARCHAR_CASESENSITIVE       NOT NULL,
  "stream"    VARCHAR_CASESENSITIVE       NOT NULL,
  "partition" INTEGER                     NOT NULL,
  "epoch"     BIGINT                      NOT NULL DEFAULT 1,
  "position"  BIGINT                      NOT NULL DEFAULT -1,
  "taken_at"  TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "moved_at"  TIMESTAMP(6) WITH TIME ZONE,
  CONSTRAINT "${prefix}watermark_pkey" PRIMARY KEY ("tenant", "consumer", "stream", "partition"),
  CONSTRAINT "${prefix}watermark_part_check" CHECK ("partition" >= 0),
  CONSTRAINT "${prefix}watermark_epoch_check" CHECK ("epoch" >= 1),
  CONSTRAINT "${prefix}watermark_pos_check" CHECK ("position" >= -1)
);

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from")
  SELECT 4, 1 WHERE NOT EXISTS (SELECT 1 FROM "${schema}"."${prefix}schema_version" WHERE "version" = 4);
