-- Purpose: the tables of the inbox: what was handled, stored results, failed attempts, dead letters, consumers.
-- Lock:    the database's catalogue, for each statement; every object is new.
-- Online:  yes. H2 commits each statement by itself, so every statement can be run again: a process that was killed
--          half-way is continued by the next run. The row in schema_version comes last.
-- Undo:    DROP TABLE "${schema}"."${prefix}dead_letter", "${schema}"."${prefix}attempt", "${schema}"."${prefix}result",
--          "${schema}"."${prefix}message", "${schema}"."${prefix}consumer", "${schema}"."${prefix}schema_version";
--          it forgets which messages were handled, so every redelivery is handled again.
--
-- VARCHAR_CASESENSITIVE is the one spelling of VARCHAR that a database opened with IGNORECASE=TRUE leaves alone; every
-- other one silently becomes VARCHAR_IGNORECASE, and the keys "a" and "A" would be one message.

-- Which migrations were applied, and the oldest code that may run on the result. Kept apart from Flyway's history, so
-- that code can check the schema without Flyway on its class path.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}schema_version" (
  "version"         INTEGER                     NOT NULL,
  "compatible_from" INTEGER                     NOT NULL,
  "applied_at"      TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "${prefix}schema_version_pkey" PRIMARY KEY ("version")
);

CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}consumer" (
  "consumer"              VARCHAR_CASESENSITIVE       NOT NULL,
  "dedupe_window_seconds" BIGINT                      NOT NULL,
  "purge_horizon"         TIMESTAMP(6) WITH TIME ZONE,
  "registered_at"         TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at"            TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "${prefix}consumer_pkey" PRIMARY KEY ("consumer")
);

-- One row per key that was handled. The claim is an INSERT and takes a violation of a unique index as "duplicate", so
-- there must be exactly one. tenant '' and source '' mean none. state: 0 handled, 1 dead-lettered.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}message" (
  "handled_at"     TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "message_time"   TIMESTAMP(6) WITH TIME ZONE,
  "state"          SMALLINT                    NOT NULL DEFAULT 0,
  "tenant"         VARCHAR_CASESENSITIVE       NOT NULL,
  "consumer"       VARCHAR_CASESENSITIVE       NOT NULL,
  "source"         VARCHAR_CASESENSITIVE       NOT NULL,
  "message_id"     VARCHAR_CASESENSITIVE       NOT NULL,
  "fingerprint"    VARBINARY,
  "subject"        VARCHAR_CASESENSITIVE,
  "correlation_id" VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}message_pkey" PRIMARY KEY ("message_id", "consumer", "source", "tenant")
);

CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}result" (
  "created_at" TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "tenant"     VARCHAR_CASESENSITIVE       NOT NULL,
  "consumer"   VARCHAR_CASESENSITIVE       NOT NULL,
  "source"     VARCHAR_CASESENSITIVE       NOT NULL,
  "message_id" VARCHAR_CASESENSITIVE       NOT NULL,
  "result"     VARBINARY                   NOT NULL,
  "signature"  VARBINARY                   NOT NULL,
  CONSTRAINT "${prefix}result_pkey" PRIMARY KEY ("message_id", "consumer", "source", "tenant")
);

CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}attempt" (
  "tenant"          VARCHAR_CASESENSITIVE       NOT NULL,
  "consumer"        VARCHAR_CASESENSITIVE       NOT NULL,
  "source"          VARCHAR_CASESENSITIVE       NOT NULL,
  "message_id"      VARCHAR_CASESENSITIVE       NOT NULL,
  "attempts"        INTEGER                     NOT NULL,
  "first_failed_at" TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_failed_at"  TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_error"      VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}attempt_pkey" PRIMARY KEY ("message_id", "consumer", "source", "tenant")
);

-- digest identifies one copy of a message, so that a redelivered copy finds its letter again; null where each
-- occurrence is a letter of its own. source and message_id are null where the message had no usable key. The check is
-- a CASE because H2 evaluates IN, and the ORs it turns into IN, with the session that created the table: once that is
-- closed every insert fails with "Check constraint invalid".
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}dead_letter" (
  "id"                BIGINT                      GENERATED ALWAYS AS IDENTITY,
  "digest"            VARBINARY,
  "tenant"            VARCHAR_CASESENSITIVE       NOT NULL,
  "consumer"          VARCHAR_CASESENSITIVE       NOT NULL,
  "source"            VARCHAR_CASESENSITIVE,
  "message_id"        VARCHAR_CASESENSITIVE,
  "reason"            VARCHAR_CASESENSITIVE       NOT NULL,
  "state"             VARCHAR_CASESENSITIVE       NOT NULL DEFAULT 'OPEN',
  "attempts"          INTEGER                     NOT NULL DEFAULT 0,
  "deliveries"        INTEGER                     NOT NULL DEFAULT 1,
  "error"             VARCHAR_CASESENSITIVE,
  "message_time"      TIMESTAMP(6) WITH TIME ZONE,
  "subject"           VARCHAR_CASESENSITIVE,
  "correlation_id"    VARCHAR_CASESENSITIVE,
  "fingerprint"       VARBINARY,
  "headers"           VARCHAR_CASESENSITIVE       NOT NULL DEFAULT '',
  "payload"           VARBINARY,
  "dead_lettered_at"  TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_delivered_at" TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "resolved_at"       TIMESTAMP(6) WITH TIME ZONE,
  "resolution"        VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}dead_letter_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "${prefix}dead_letter_digest_key" UNIQUE ("digest"),
  CONSTRAINT "${prefix}dead_letter_state_check" CHECK (
    CASE "state" WHEN 'OPEN' THEN TRUE WHEN 'REPLAYED' THEN TRUE WHEN 'DISCARDED' THEN TRUE ELSE FALSE END)
);

CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}dead_letter_state_idx"
  ON "${schema}"."${prefix}dead_letter" ("consumer", "state", "id");

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from")
  SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM "${schema}"."${prefix}schema_version" WHERE "version" = 1);
