-- Purpose: the tables of the outbox: what is to be sent, what waits and why, dead letters, and which relay owns which slot.
-- Lock:    the database's catalogue, for each statement; every object is new.
-- Online:  yes. Every statement can be run again; the row in schema_version comes last. Services of the version before
--          go on working beside it.
-- Undo:    DROP TABLE "${schema}"."${prefix}outbox_kept", "${schema}"."${prefix}outbox_dead_letter",
--          "${schema}"."${prefix}outbox_blocked", "${schema}"."${prefix}outbox_parked", "${schema}"."${prefix}outbox_delayed",
--          "${schema}"."${prefix}outbox", "${schema}"."${prefix}outbox_relay", "${schema}"."${prefix}outbox_slot";
--          DELETE FROM "${schema}"."${prefix}schema_version" WHERE "version" = 2; messages not sent yet are lost.

-- A slot is the unit of order and of ownership: a relay owns it by a lease, and each owner has an epoch of its own.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox_slot" (
  "slot"        SMALLINT                    NOT NULL,
  "owner"       VARCHAR_CASESENSITIVE,
  "epoch"       BIGINT                      NOT NULL DEFAULT 0,
  "lease_until" TIMESTAMP(6) WITH TIME ZONE,
  CONSTRAINT "${prefix}outbox_slot_pkey" PRIMARY KEY ("slot")
);

INSERT INTO "${schema}"."${prefix}outbox_slot" ("slot") SELECT CAST("n" AS SMALLINT)
  FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15)) AS "numbers" ("n")
  WHERE NOT EXISTS (SELECT 1 FROM "${schema}"."${prefix}outbox_slot");

-- The relays that are alive, so that each can take its fair share of the slots.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox_relay" (
  "relay"       VARCHAR_CASESENSITIVE       NOT NULL,
  "alive_until" TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  CONSTRAINT "${prefix}outbox_relay_pkey" PRIMARY KEY ("relay")
);

-- What is to be sent. Rows are inserted as the last thing of a transaction, read by the owner of the slot in the order of
-- id, and deleted once they were published: exactly those, so a row that commits late is never skipped. The identity's
-- sequence must not be cached by sessions, else ids would not follow the locks of the business tables.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox" (
  "id"             BIGINT                      GENERATED ALWAYS AS IDENTITY,
  "appended_at"    TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "slot"           SMALLINT                    NOT NULL,
  "message_id"     UUID                        NOT NULL,
  "tenant"         VARCHAR_CASESENSITIVE       NOT NULL,
  "topic"          VARCHAR_CASESENSITIVE       NOT NULL,
  "key"            VARCHAR_CASESENSITIVE,
  "headers"        VARCHAR_CASESENSITIVE       NOT NULL DEFAULT '',
  "payload"        VARBINARY,
  "correlation_id" VARCHAR_CASESENSITIVE,
  "causation_id"   VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}outbox_pkey" PRIMARY KEY ("slot", "id")
);

-- What is to be sent later. A row that is due moves to the end of outbox.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox_delayed" (
  "id"             BIGINT                      GENERATED ALWAYS AS IDENTITY,
  "due_at"         TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  "appended_at"    TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "slot"           SMALLINT                    NOT NULL,
  "message_id"     UUID                        NOT NULL,
  "tenant"         VARCHAR_CASESENSITIVE       NOT NULL,
  "topic"          VARCHAR_CASESENSITIVE       NOT NULL,
  "key"            VARCHAR_CASESENSITIVE,
  "headers"        VARCHAR_CASESENSITIVE       NOT NULL DEFAULT '',
  "payload"        VARBINARY,
  "correlation_id" VARCHAR_CASESENSITIVE,
  "causation_id"   VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}outbox_delayed_pkey" PRIMARY KEY ("id")
);

CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}outbox_delayed_due_idx"
  ON "${schema}"."${prefix}outbox_delayed" ("due_at", "id");

-- A key whose oldest message failed; its messages wait in outbox_parked. lane is tenant, topic and key as one text.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox_blocked" (
  "slot"            SMALLINT                    NOT NULL,
  "lane"            VARCHAR_CASESENSITIVE       NOT NULL,
  "tenant"          VARCHAR_CASESENSITIVE       NOT NULL,
  "topic"           VARCHAR_CASESENSITIVE       NOT NULL,
  "key"             VARCHAR_CASESENSITIVE,
  "attempts"        INTEGER                     NOT NULL,
  "blocked_at"      TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "next_attempt_at" TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  "last_error"      VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}outbox_blocked_pkey" PRIMARY KEY ("slot", "lane")
);

-- Messages of blocked keys, moved out of outbox so that reading it never passes them again; with the ids they had there.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox_parked" (
  "slot"           SMALLINT                    NOT NULL,
  "lane"           VARCHAR_CASESENSITIVE       NOT NULL,
  "id"             BIGINT                      NOT NULL,
  "message_id"     UUID                        NOT NULL,
  "tenant"         VARCHAR_CASESENSITIVE       NOT NULL,
  "topic"          VARCHAR_CASESENSITIVE       NOT NULL,
  "key"            VARCHAR_CASESENSITIVE,
  "headers"        VARCHAR_CASESENSITIVE       NOT NULL DEFAULT '',
  "payload"        VARBINARY,
  "correlation_id" VARCHAR_CASESENSITIVE,
  "causation_id"   VARCHAR_CASESENSITIVE,
  "appended_at"    TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  CONSTRAINT "${prefix}outbox_parked_pkey" PRIMARY KEY ("slot", "lane", "id")
);

-- Messages the relay gave up. The check is a CASE for the reason that V001 gives.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox_dead_letter" (
  "id"               BIGINT                      GENERATED ALWAYS AS IDENTITY,
  "message_id"       UUID                        NOT NULL,
  "tenant"           VARCHAR_CASESENSITIVE       NOT NULL,
  "topic"            VARCHAR_CASESENSITIVE       NOT NULL,
  "key"              VARCHAR_CASESENSITIVE,
  "headers"          VARCHAR_CASESENSITIVE       NOT NULL DEFAULT '',
  "payload"          VARBINARY,
  "correlation_id"   VARCHAR_CASESENSITIVE,
  "causation_id"     VARCHAR_CASESENSITIVE,
  "appended_at"      TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  "reason"           VARCHAR_CASESENSITIVE       NOT NULL,
  "state"            VARCHAR_CASESENSITIVE       NOT NULL DEFAULT 'OPEN',
  "attempts"         INTEGER                     NOT NULL,
  "error"            VARCHAR_CASESENSITIVE,
  "dead_lettered_at" TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "resolved_at"      TIMESTAMP(6) WITH TIME ZONE,
  "resolution"       VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}outbox_dead_letter_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "${prefix}outbox_dead_state_check" CHECK (
    CASE "state" WHEN 'OPEN' THEN TRUE WHEN 'REQUEUED' THEN TRUE WHEN 'DISCARDED' THEN TRUE ELSE FALSE END)
);

CREATE INDEX IF NOT EXISTS "${schema}"."${prefix}outbox_dead_state_idx"
  ON "${schema}"."${prefix}outbox_dead_letter" ("state", "id");

-- Copies of what the first handling of a message appended, for consumers whose duplicates send it again. The first four
-- columns are the key of the handled message; what was appended may be for another tenant. No slot: the number of slots
-- may have changed since.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}outbox_kept" (
  "appended_at"    TIMESTAMP(6) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "position"       INTEGER                     NOT NULL,
  "message_id"     UUID                        NOT NULL,
  "tenant"         VARCHAR_CASESENSITIVE       NOT NULL,
  "consumer"       VARCHAR_CASESENSITIVE       NOT NULL,
  "source"         VARCHAR_CASESENSITIVE       NOT NULL,
  "handled_id"     VARCHAR_CASESENSITIVE       NOT NULL,
  "message_tenant" VARCHAR_CASESENSITIVE       NOT NULL,
  "topic"          VARCHAR_CASESENSITIVE       NOT NULL,
  "key"            VARCHAR_CASESENSITIVE,
  "headers"        VARCHAR_CASESENSITIVE       NOT NULL DEFAULT '',
  "payload"        VARBINARY,
  "correlation_id" VARCHAR_CASESENSITIVE,
  "causation_id"   VARCHAR_CASESENSITIVE,
  CONSTRAINT "${prefix}outbox_kept_pkey" PRIMARY KEY ("handled_id", "consumer", "source", "tenant", "position")
);

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from")
  SELECT 2, 1 WHERE NOT EXISTS (SELECT 1 FROM "${schema}"."${prefix}schema_version" WHERE "version" = 2);
