-- Purpose: what the collector and the reconciler keep: jobs and who runs them, retention and holds, findings and repairs;
--          and an index that finds the dead letters of one key.
-- Lock:    the database's catalogue, for each statement; dead_letter exclusively while its index is built. Every other
--          object is new.
-- Online:  yes. Every statement can be run again; the row in schema_version comes last. Services of the versions before
--          go on working beside it.
-- Undo:    DROP INDEX "${schema}"."${prefix}dead_letter_key_idx";
--          DROP TABLE "${schema}"."${prefix}repair", "${schema}"."${prefix}finding", "${schema}"."${prefix}hold",
--          "${schema}"."${prefix}retention", "${schema}"."${prefix}job";
--          DELETE FROM "${schema}"."${prefix}schema_version" WHERE "version" = 3; findings and the record of repairs are lost.
-- Checks are a CASE for the reason that V001 gives.

-- A job that one node runs at a time: its owner has a lease, and each owner an epoch of its own. started_at is when the
-- owner, or the last one, took it. checkpoint is where a run that was cut short goes on; every_seconds how often the job is
-- expected to succeed, counted from registered_at as long as it never has.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}job" (
  "job"           VARCHAR_CASESENSITIVE       NOT NULL,
  "owner"         VARCHAR_CASESENSITIVE,
  "epoch"         BIGINT                      NOT NULL DEFAULT 0,
  "lease_until"   TIMESTAMP(6) WITH TIME ZONE,
  "every_seconds" BIGINT,
  "registered_at" TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "started_at"    TIMESTAMP(6) WITH TIME ZONE,
  "finished_at"   TIMESTAMP(6) WITH TIME ZONE,
  "succeeded_at"  TIMESTAMP(6) WITH TIME ZONE,
  "outcome"       VARCHAR_CASESENSITIVE,
  "detail"        VARCHAR_CASESENSITIVE,
  "checkpoint"    VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}job_pkey" PRIMARY KEY ("job"),
  CONSTRAINT "${prefix}job_every_check" CHECK ("every_seconds" > 0),
  CONSTRAINT "${prefix}job_outcome_check" CHECK (
    CASE "outcome" WHEN 'SUCCEEDED' THEN TRUE WHEN 'INCOMPLETE' THEN TRUE WHEN 'FAILED' THEN TRUE ELSE "outcome" IS NULL END)
);

-- How long rows are kept where that is longer than the dedupe window: those of a consumer (scope 'CONSUMER', tenant '') or of
-- one tenant (scope 'TENANT'; its name may be '', which means no tenant). consumer '' stands for every consumer.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}retention" (
  "consumer"     VARCHAR_CASESENSITIVE       NOT NULL,
  "scope"        VARCHAR_CASESENSITIVE       NOT NULL,
  "tenant"       VARCHAR_CASESENSITIVE       NOT NULL DEFAULT '',
  "keep_seconds" BIGINT                      NOT NULL,
  "updated_at"   TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "${prefix}retention_pkey" PRIMARY KEY ("consumer", "scope", "tenant"),
  CONSTRAINT "${prefix}retention_scope_check" CHECK (
    CASE "scope" WHEN 'TENANT' THEN TRUE WHEN 'CONSUMER' THEN "tenant" = '' ELSE FALSE END),
  CONSTRAINT "${prefix}retention_keep_check" CHECK ("keep_seconds" > 0)
);

-- What must not be collected: every row that matches each column, of the first five, that is not null. A hold ends at until,
-- or when it is deleted. The indexes are for many holds, each of a message or a subject.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}hold" (
  "id"         BIGINT                      GENERATED ALWAYS AS IDENTITY,
  "consumer"   VARCHAR_CASESENSITIVE,
  "tenant"     VARCHAR_CASESENSITIVE,
  "source"     VARCHAR_CASESENSITIVE,
  "message_id" VARCHAR_CASESENSITIVE,
  "subject"    VARCHAR_CASESENSITIVE,
  "reason"     VARCHAR_CASESENSITIVE       NOT NULL,
  "placed_by"  VARCHAR_CASESENSITIVE       NOT NULL,
  "placed_at"  TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "until"      TIMESTAMP(6) WITH TIME ZONE,
  CONSTRAINT "${prefix}hold_pkey" PRIMARY KEY ("id")
);

CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}hold_message_idx" ON "${schema}"."${prefix}hold" ("message_id");
CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}hold_subject_idx" ON "${schema}"."${prefix}hold" ("subject");

-- What a check found. digest identifies check, kind and item, so that the next run finds the row again: it counts the
-- sightings, and a finding that comes back after it was resolved is open again, unless somebody accepted it: then it stays
-- resolved, and is kept so that it is known. happened_at is when what is wrong happened, where that is known.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}finding" (
  "id"            BIGINT                      GENERATED ALWAYS AS IDENTITY,
  "digest"        VARBINARY                   NOT NULL,
  "check_name"    VARCHAR_CASESENSITIVE       NOT NULL,
  "kind"          VARCHAR_CASESENSITIVE       NOT NULL,
  "severity"      VARCHAR_CASESENSITIVE       NOT NULL,
  "cause"         VARCHAR_CASESENSITIVE       NOT NULL,
  "tenant"        VARCHAR_CASESENSITIVE,
  "consumer"      VARCHAR_CASESENSITIVE,
  "source"        VARCHAR_CASESENSITIVE,
  "item"          VARCHAR_CASESENSITIVE       NOT NULL,
  "detail"        VARCHAR_CASESENSITIVE,
  "happened_at"   TIMESTAMP(6) WITH TIME ZONE,
  "first_seen_at" TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_seen_at"  TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "seen"          INTEGER                     NOT NULL DEFAULT 1,
  "reopened"      INTEGER                     NOT NULL DEFAULT 0,
  "resolved_at"   TIMESTAMP(6) WITH TIME ZONE,
  "resolution"    VARCHAR_CASESENSITIVE,
  "accepted"      BOOLEAN                     NOT NULL DEFAULT FALSE,
  CONSTRAINT "${prefix}finding_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "${prefix}finding_digest_key" UNIQUE ("digest"),
  CONSTRAINT "${prefix}finding_severity_check" CHECK (
    CASE "severity" WHEN 'ERROR' THEN TRUE WHEN 'WARNING' THEN TRUE ELSE FALSE END)
);

CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}finding_check_idx" ON "${schema}"."${prefix}finding" ("check_name", "resolved_at", "id");

-- What was repaired, by whom and why, with what stood there before and after; written by the transaction that repaired.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}repair" (
  "id"         BIGINT                      GENERATED ALWAYS AS IDENTITY,
  "finding_id" BIGINT,
  "action"     VARCHAR_CASESENSITIVE       NOT NULL,
  "tenant"     VARCHAR_CASESENSITIVE,
  "consumer"   VARCHAR_CASESENSITIVE,
  "source"     VARCHAR_CASESENSITIVE,
  "item"       VARCHAR_CASESENSITIVE       NOT NULL,
  "reason"     VARCHAR_CASESENSITIVE       NOT NULL,
  "done_by"    VARCHAR_CASESENSITIVE       NOT NULL,
  "done_at"    TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "before"     VARCHAR_CASESENSITIVE,
  "after"      VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}repair_pkey" PRIMARY KEY ("id")
);

CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}repair_item_idx" ON "${schema}"."${prefix}repair" ("consumer", "item");

-- The letters of one key: a key is not collected while one of them is open. By message id first, which is what people have.
CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}dead_letter_key_idx"
  ON "${schema}"."${prefix}dead_letter" ("message_id", "consumer", "source", "tenant");

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from")
  SELECT 3, 1 WHERE NOT EXISTS (SELECT 1 FROM "${schema}"."${prefix}schema_version" WHERE "version" = 3);
