-- Purpose: watermarks: for each partition of an ordered stream the highest position that a consumer has handled, and the
--          epoch of its owner.
-- Lock:    none; the table is new.
-- Online:  yes. PostgreSQL runs the file in one transaction. Services of the versions before go on working beside it.
-- Undo:    DROP TABLE "${schema}"."${prefix}watermark";
--          DELETE FROM "${schema}"."${prefix}schema_version" WHERE "version" = 4; where each partition stands is lost, and
--          what was handled by its position is handled again.

-- position is -1 before the first. epoch grows with every owner; only the newest moves the position. Few rows that change
-- with every batch: half of each page is left free, so that their versions stay on it.
CREATE TABLE "${schema}"."${prefix}watermark" (
  "tenant"    text COLLATE "C" NOT NULL,
  "consumer"  text COLLATE "C" NOT NULL,
  "stream"    text COLLATE "C" NOT NULL,
  "partition" integer          NOT NULL,
  "epoch"     bigint           NOT NULL DEFAULT 1,
  "position"  bigint           NOT NULL DEFAULT -1,
  "taken_at"  timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "moved_at"  timestamptz,
  CONSTRAINT "${prefix}watermark_pkey" PRIMARY KEY ("tenant", "consumer", "stream", "partition"),
  CONSTRAINT "${prefix}watermark_part_check" CHECK ("partition" >= 0),
  CONSTRAINT "${prefix}watermark_epoch_check" CHECK ("epoch" >= 1),
  CONSTRAINT "${prefix}watermark_pos_check" CHECK ("position" >= -1)
) WITH (fillfactor = 50);

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (4, 1);
