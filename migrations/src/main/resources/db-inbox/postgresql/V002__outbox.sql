-- Purpose: the tables of the outbox: what is to be sent, what waits and why, dead letters, and which relay owns which slot.
-- Lock:    none that another session can wait for; every object is new.
-- Online:  yes. PostgreSQL runs the file in one transaction. Services of the version before go on working beside it.
-- Undo:    DROP TABLE "${schema}"."${prefix}outbox_kept", "${schema}"."${prefix}outbox_dead_letter",
--          "${schema}"."${prefix}outbox_blocked", "${schema}"."${prefix}outbox_parked", "${schema}"."${prefix}outbox_delayed",
--          "${schema}"."${prefix}outbox", "${schema}"."${prefix}outbox_relay", "${schema}"."${prefix}outbox_slot";
--          DELETE FROM "${schema}"."${prefix}schema_version" WHERE "version" = 2; messages not sent yet are lost.

-- A slot is the unit of order and of ownership: a relay owns it by a lease, and each owner has an epoch of its own.
CREATE TABLE "${schema}"."${prefix}outbox_slot" (
  "slot"        smallint         NOT NULL,
  "owner"       text COLLATE "C",
  "epoch"       bigint           NOT NULL DEFAULT 0,
  "lease_until" timestamptz,
  CONSTRAINT "${prefix}outbox_slot_pkey" PRIMARY KEY ("slot")
);

INSERT INTO "${schema}"."${prefix}outbox_slot" ("slot") SELECT pg_catalog.generate_series(0, 15);

-- The relays that are alive, so that each can take its fair share of the slots.
CREATE TABLE "${schema}"."${prefix}outbox_relay" (
  "relay"       text COLLATE "C" NOT NULL,
  "alive_until" timestamptz      NOT NULL,
  CONSTRAINT "${prefix}outbox_relay_pkey" PRIMARY KEY ("relay")
);

-- What is to be sent. Rows are inserted as the last thing of a transaction, read by the owner of the slot in the order of
-- id, and deleted once they were published: exactly those, so a row that commits late is never skipped. The identity's
-- sequence must not be cached by sessions, else ids would not follow the locks of the business tables.
CREATE TABLE "${schema}"."${prefix}outbox" (
  "id"             bigint           GENERATED ALWAYS AS IDENTITY,
  "appended_at"    timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "slot"           smallint         NOT NULL,
  "message_id"     uuid             NOT NULL,
  "tenant"         text COLLATE "C" NOT NULL,
  "topic"          text COLLATE "C" NOT NULL,
  "key"            text COLLATE "C",
  "headers"        text             NOT NULL DEFAULT '',
  "payload"        bytea,
  "correlation_id" text,
  "causation_id"   text,
  CONSTRAINT "${prefix}outbox_pkey" PRIMARY KEY ("slot", "id")
);

-- What is to be sent later. A row that is due moves to the end of outbox.
CREATE TABLE "${schema}"."${prefix}outbox_delayed" (
  "id"             bigint           GENERATED ALWAYS AS IDENTITY,
  "due_at"         timestamptz      NOT NULL,
  "appended_at"    timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "slot"           smallint         NOT NULL,
  "message_id"     uuid             NOT NULL,
  "tenant"         text COLLATE "C" NOT NULL,
  "topic"          text COLLATE "C" NOT NULL,
  "key"            text COLLATE "C",
  "headers"        text             NOT NULL DEFAULT '',
  "payload"        bytea,
  "correlation_id" text,
  "causation_id"   text,
  CONSTRAINT "${prefix}outbox_delayed_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "${prefix}outbox_delayed_due_idx" ON "${schema}"."${prefix}outbox_delayed" ("due_at", "id");

-- A key whose oldest message failed; its messages wait in outbox_parked. lane is tenant, topic and key as one text.
CREATE TABLE "${schema}"."${prefix}outbox_blocked" (
  "slot"            smallint         NOT NULL,
  "lane"            text COLLATE "C" NOT NULL,
  "tenant"          text COLLATE "C" NOT NULL,
  "topic"           text COLLATE "C" NOT NULL,
  "key"             text COLLATE "C",
  "attempts"        integer          NOT NULL,
  "blocked_at"      timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "next_attempt_at" timestamptz      NOT NULL,
  "last_error"      text,
  CONSTRAINT "${prefix}outbox_blocked_pkey" PRIMARY KEY ("slot", "lane")
);

-- Messages of blocked keys, moved out of outbox so that reading it never passes them again; with the ids they had there.
CREATE TABLE "${schema}"."${prefix}outbox_parked" (
  "slot"           smallint         NOT NULL,
  "lane"           text COLLATE "C" NOT NULL,
  "id"             bigint           NOT NULL,
  "message_id"     uuid             NOT NULL,
  "tenant"         text COLLATE "C" NOT NULL,
  "topic"          text COLLATE "C" NOT NULL,
  "key"            text COLLATE "C",
  "headers"        text             NOT NULL DEFAULT '',
  "payload"        bytea,
  "correlation_id" text,
  "causation_id"   text,
  "appended_at"    timestamptz      NOT NULL,
  CONSTRAINT "${prefix}outbox_parked_pkey" PRIMARY KEY ("slot", "lane", "id")
);

-- Messages the relay gave up.
CREATE TABLE "${schema}"."${prefix}outbox_dead_letter" (
  "id"               bigint           GENERATED ALWAYS AS IDENTITY,
  "message_id"       uuid             NOT NULL,
  "tenant"           text COLLATE "C" NOT NULL,
  "topic"            text COLLATE "C" NOT NULL,
  "key"              text COLLATE "C",
  "headers"          text             NOT NULL DEFAULT '',
  "payload"          bytea,
  "correlation_id"   text,
  "causation_id"     text,
  "appended_at"      timestamptz      NOT NULL,
  "reason"           text             NOT NULL,
  "state"            text             NOT NULL DEFAULT 'OPEN',
  "attempts"         integer          NOT NULL,
  "error"            text,
  "dead_lettered_at" timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "resolved_at"      timestamptz,
  "resolution"       text,
  CONSTRAINT "${prefix}outbox_dead_letter_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "${prefix}outbox_dead_state_check" CHECK ("state" IN ('OPEN', 'REQUEUED', 'DISCARDED'))
);

CREATE INDEX "${prefix}outbox_dead_state_idx"
  ON "${schema}"."${prefix}outbox_dead_letter" ("state", "id");

-- Copies of what the first handling of a message appended, for consumers whose duplicates send it again. The first four
-- columns are the key of the handled message; what was appended may be for another tenant. No slot: the number of slots
-- may have changed since.
CREATE TABLE "${schema}"."${prefix}outbox_kept" (
  "appended_at"    timestamptz      NOT NULL DEFAULT clock_timestamp(),
  "position"       integer          NOT NULL,
  "message_id"     uuid             NOT NULL,
  "tenant"         text COLLATE "C" NOT NULL,
  "consumer"       text COLLATE "C" NOT NULL,
  "source"         text COLLATE "C" NOT NULL,
  "handled_id"     text COLLATE "C" NOT NULL,
  "message_tenant" text COLLATE "C" NOT NULL,
  "topic"          text COLLATE "C" NOT NULL,
  "key"            text COLLATE "C",
  "headers"        text             NOT NULL DEFAULT '',
  "payload"        bytea,
  "correlation_id" text,
  "causation_id"   text,
  CONSTRAINT "${prefix}outbox_kept_pkey" PRIMARY KEY ("handled_id", "consumer", "source", "tenant", "position")
);

INSERT INTO "${schema}"."${prefix}schema_version" ("version", "compatible_from") VALUES (2, 1);
