-- Purpose: what the collector and the reconciler keep: jobs and who runs them, retention and holds, findings and repairs;
--          and an index that finds the dead letters of one key.
-- Lock:    SHARE on dead_letter while its index is built, so that storing a dead letter waits for as long as it takes to
--          read that table once; every other object is new.
-- Online:  yes. PostgreSQL runs the file in one transaction. Services of the versions before go on working beside it.
-- Undo:    DROP INDEX "${schema}"."${prefix}dead_letter_key_idx";
--          DROP TABLE "${schema}"."${prefix}repair", "${schema}"."${prefix}finding", "${schema}"."${prefix}hold",
--          "${schema}"."${prefix}retention", "${schema}"."${prefix}job";
--          DELETE FROM "${schema}"."${prefix}schema_version" WHERE "version" = 3; findings and the record of repairs are lost.

-- A job that one node runs at a time: its owner has a lease, and each owner an epoch of its own. started_at is when the
-- owner, or the last one, took it. checkpoint is where a run that was cut short goes on; every_seconds how often the job is
-- expected to succeed, counted from registered_at as long as it never has.
CREATE TABLE "${schema}"."${prefix}job" (
  "job"           text COLLATE "C" NOT NULL,
  "owner"         text COLLATE "C",
  "epoch"         bigint           NOT NULL DEFAULT 0,
  "lease_until"   timestamptz,
  "every_seconds" bigint,
  "registered_at" timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "started_at"    timestamptz,
  "finished_at"   timestamptz,
  "succeeded_at"  timestamptz,
  "outcome"       text,
  "detail"        text,
  "checkpoint"    text,
  CONSTRAINT "${prefix}job_pkey" PRIMARY KEY ("job"),
  CONSTRAINT "${prefix}job_every_check" CHECK ("every_seconds" > 0),
  CONSTRAINT "${prefix}job_outcome_check" CHECK ("outcome" IN ('SUCCEEDED', 'INCOMPLETE', 'FAILED'))
);

-- How long rows are kept where that is longer than the dedupe window: those of a consumer (scope 'CONSUMER', tenant '') or of
-- one tenant (scope 'TENANT'; its name may be '', which means no tenant). consumer '' stands for every consumer.
CREATE TABLE "${schema}"."${prefix}retention" (
  "consumer"     text COLLATE "C" NOT NULL,
  "scope"        text COLLATE "C" NOT NULL,
  "tenant"       text COLLATE "C" NOT NULL DEFAULT '',
  "keep_seconds" bigint           NOT NULL,
  "updated_at"   timestamptz      NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "${prefix}retention_pkey" PRIMARY KEY ("consumer", "scope", "tenant"),
  CONSTRAINT "${prefix}retention_scope_check" CHECK ("scope" = 'TENANT' OR ("scope" = 'CONSUMER' AND "tenant" = '')),
  CONSTRAINT "${prefix}retention_keep_check" CHECK ("keep_seconds" > 0)
);

-- What must not be collected: every row that matches each column, of the first five, that is not null. A hold ends at until,
-- or when it is deleted. The indexes are for many holds, each of a message or a subject.
CREATE TABLE "${schema}"."${prefix}hold" (
  "id"         bigint           GENERATED ALWAYS AS IDENTITY,
  "consumer"   text COLLATE "C",
  "tenant"     text COLLATE "C",
  "source"     text COLLATE "C",
  "message_id" text COLLATE "C",
  "subject"    text COLLATE "C",
  "reason"     text             NOT NULL,
  "placed_by"  text             NOT NULL,
  "placed_at"  timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "until"      timestamptz,
  CONSTRAINT "${prefix}hold_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "${prefix}hold_message_idx" ON "${schema}"."${prefix}hold" ("message_id");
CREATE INDEX "${prefix}hold_subject_idx" ON "${schema}"."${prefix}hold" ("subject");

-- What a check found. digest identifies check, kind and item, so that the next run finds the row again: it counts the
-- sightings, and a finding that comes back after it was resolved is open again, unless somebody accepted it: then it stays
-- resolved, and is kept so that it is known. happened_at is when what is wrong happened, where that is known.
CREATE TABLE "${schema}"."${prefix}finding" (
  "id"            bigint           GENERATED ALWAYS AS IDENTITY,
  "digest"        bytea            NOT NULL,
  "check_name"    text COLLATE "C" NOT NULL,
  "kind"          text             NOT NULL,
  "severity"      text             NOT NULL,
  "cause"         text             NOT NULL,
  "tenant"        text COLLATE "C",
  "consumer"      text COLLATE "C",
  "source"        text COLLATE "C",
  "item"          text COLLATE "C" NOT NULL,
  "detail"        text,
  "happened_at"   timestamptz,
  "first_seen_at" timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "last_seen_at"  timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "seen"          integer          NOT NULL DEFAULT 1,
  "reopened"      integer          NOT NULL DEFAULT 0,
  "resolved_at"   timestamptz,
  "resolution"    text,
  "accepted"      boolean          NOT NULL DEFAULT false,
  CONSTRAINT "${prefix}finding_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "${prefix}finding_digest_key" UNIQUE ("digest"),
  CONSTRAINT "${prefix}finding_severity_check" CHECK ("severity" IN ('ERROR', 'WARNING'))
);

CREATE INDEX "${prefix}finding_check_idx" ON "${schema}"."${prefix}finding" ("check_name", "resolved_at", "id");

-- What was repaired, by whom and why, with what stood there before and after; written by the transaction that repaired.
CREATE TABLE "${schema}"."${prefix}repair" (
  "id"         bigint           GENERATED ALWAYS AS IDENTITY,
  "finding_id" bigint,
  "action"     text             NOT NULL,
  "tenant"     text COLLATE "C",
  "consumer"   text COLLATE "C",
  "source"     text COLLATE "C",
  "item"       text COLLATE "C" NOT NULL,
  "reason"     text             NOT NULL,
  "done_by"    text             NOT NULL,
  "done_at"    timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "before"     text,
  "after"      text,
  CONSTRAINT "${prefix}repair_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "${prefix}repair_item_idx" ON "${schema}"."${prefix}repair" ("consumer", "item");

-- The letters of one key: a key is not collected while one of them is open. By message id first, which is what people have.
CREATE INDEX "${prefix}dead_letter_key_idx"
  ON "${schema}"."${prefix}dead_letter" ("message_id", "consumer", "source", "tenant");

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (3, 1);
