-- Purpose: the tables of the inbox: what was handled, stored results, failed attempts, dead letters, consumers.
-- Lock:    none that another session can wait for; every object is new.
-- Online:  yes. PostgreSQL runs the file in one transaction: all of it or nothing.
-- Undo:    DROP TABLE "${schema}"."${prefix}dead_letter", "${schema}"."${prefix}attempt", "${schema}"."${prefix}result",
--          "${schema}"."${prefix}message", "${schema}"."${prefix}consumer", "${schema}"."${prefix}schema_version";
--          it forgets which messages were handled, so every redelivery is handled again.

-- Which migrations were applied, and the oldest code that may run on the result. Kept apart from Flyway's history, so
-- that code can check the schema without Flyway on its class path.
CREATE TABLE "${schema}"."${prefix}schema_version" (
  "version"         integer     NOT NULL,
  "compatible_from" integer     NOT NULL,
  "applied_at"      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "${prefix}schema_version_pkey" PRIMARY KEY ("version")
);

CREATE TABLE "${schema}"."${prefix}consumer" (
  "consumer"              text COLLATE "C" NOT NULL,
  "dedupe_window_seconds" bigint           NOT NULL,
  "purge_horizon"         timestamptz,
  "registered_at"         timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "updated_at"            timestamptz      NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "${prefix}consumer_pkey" PRIMARY KEY ("consumer")
);

-- One row per key that was handled. The claim is INSERT ... ON CONFLICT DO NOTHING without a conflict target, so there
-- must be exactly one unique index: a second one would turn a violation of its own into "duplicate".
-- tenant '' and source '' mean none. state: 0 handled, 1 dead-lettered. In tables with a row
-- for each message columns of a fixed width come first, widest first, so that none is padded.
CREATE TABLE "${schema}"."${prefix}message" (
  "handled_at"     timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "message_time"   timestamptz,
  "state"          smallint         NOT NULL DEFAULT 0,
  "tenant"         text COLLATE "C" NOT NULL,
  "consumer"       text COLLATE "C" NOT NULL,
  "source"         text COLLATE "C" NOT NULL,
  "message_id"     text COLLATE "C" NOT NULL,
  "fingerprint"    bytea,
  "subject"        text COLLATE "C",
  "correlation_id" text,
  CONSTRAINT "${prefix}message_pkey" PRIMARY KEY ("message_id", "consumer", "source", "tenant")
);

CREATE TABLE "${schema}"."${prefix}result" (
  "created_at" timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "tenant"     text COLLATE "C" NOT NULL,
  "consumer"   text COLLATE "C" NOT NULL,
  "source"     text COLLATE "C" NOT NULL,
  "message_id" text COLLATE "C" NOT NULL,
  "result"     bytea            NOT NULL,
  "signature"  bytea            NOT NULL,
  CONSTRAINT "${prefix}result_pkey" PRIMARY KEY ("message_id", "consumer", "source", "tenant")
);

CREATE TABLE "${schema}"."${prefix}attempt" (
  "tenant"          text COLLATE "C" NOT NULL,
  "consumer"        text COLLATE "C" NOT NULL,
  "source"          text COLLATE "C" NOT NULL,
  "message_id"      text COLLATE "C" NOT NULL,
  "attempts"        integer          NOT NULL,
  "first_failed_at" timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "last_failed_at"  timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "last_error"      text,
  CONSTRAINT "${prefix}attempt_pkey" PRIMARY KEY ("message_id", "consumer", "source", "tenant")
);

-- digest identifies one copy of a message, so that a redelivered copy finds its letter again; null where each
-- occurrence is a letter of its own. source and message_id are null where the message had no usable key.
CREATE TABLE "${schema}"."${prefix}dead_letter" (
  "id"                bigint           GENERATED ALWAYS AS IDENTITY,
  "digest"            bytea,
  "tenant"            text COLLATE "C" NOT NULL,
  "consumer"          text COLLATE "C" NOT NULL,
  "source"            text COLLATE "C",
  "message_id"        text COLLATE "C",
  "reason"            text             NOT NULL,
  "state"             text             NOT NULL DEFAULT 'OPEN',
  "attempts"          integer          NOT NULL DEFAULT 0,
  "deliveries"        integer          NOT NULL DEFAULT 1,
  "error"             text,
  "message_time"      timestamptz,
  "subject"           text COLLATE "C",
  "correlation_id"    text,
  "fingerprint"       bytea,
  "headers"           text             NOT NULL DEFAULT '',
  "payload"           bytea,
  "dead_lettered_at"  timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "last_delivered_at" timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "resolved_at"       timestamptz,
  "resolution"        text,
  CONSTRAINT "${prefix}dead_letter_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "${prefix}dead_letter_digest_key" UNIQUE ("digest"),
  CONSTRAINT "${prefix}dead_letter_state_check" CHECK ("state" IN ('OPEN', 'REPLAYED', 'DISCARDED'))
);

CREATE INDEX "${prefix}dead_letter_state_idx" ON "${schema}"."${prefix}dead_letter" ("consumer", "state", "id");

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (1, 1);
