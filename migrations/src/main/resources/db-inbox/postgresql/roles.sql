-- Purpose: group roles with the least privileges that each part of Inbox needs. Grant them to the logins of your services:
--          GRANT "${application_role}" TO payments_service;
--            ${owner_role}: owns the tables; grant it to the login that migrates
--            ${application_role}: handles messages and appends to the outbox; can neither forget a handled message nor purge,
--              nor see what is in the outbox
--            ${relay_role}: publishes and deletes what is in the outbox; can neither handle messages nor see the inbox
--            ${collector_role}: deletes what is older than the dedupe window; can neither claim nor change a message
--            ${reconciler_role}: compares and records findings; changes nothing that a service or the collector works with
--            ${operator_role}: what people decide: holds, retention, what becomes of a finding; cannot collect by itself
--            ${reader_role}: looks at everything but payloads, headers and results
-- Lock:    ACCESS EXCLUSIVE on each table while its owner changes, for a moment.
-- Online:  yes. Run it in one transaction, as a superuser or as the owner of the tables with CREATEROLE; after every
--          migration again. It may be run any number of times.
-- Undo:    REASSIGN OWNED BY "${owner_role}" TO postgres; DROP OWNED BY and DROP ROLE for each of the seven.

DO $roles$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['${owner_role}', '${application_role}', '${relay_role}', '${collector_role}',
      '${reconciler_role}', '${operator_role}', '${reader_role}'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;
END
$roles$;

GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${owner_role}";
GRANT USAGE ON SCHEMA "${schema}" TO "${application_role}", "${relay_role}", "${collector_role}", "${reconciler_role}",
  "${operator_role}", "${reader_role}";

ALTER TABLE "${schema}"."${prefix}schema_version" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}consumer" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}message" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}result" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}attempt" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}dead_letter" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox_slot" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox_relay" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox_delayed" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox_blocked" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox_parked" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox_dead_letter" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}outbox_kept" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}job" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}retention" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}hold" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}finding" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}repair" OWNER TO "${owner_role}";
ALTER TABLE "${schema}"."${prefix}watermark" OWNER TO "${owner_role}";
-- Absent where the schema was made from scripts.
ALTER TABLE IF EXISTS "${schema}"."${prefix}flyway_history" OWNER TO "${owner_role}";

REVOKE ALL ON "${schema}"."${prefix}schema_version", "${schema}"."${prefix}consumer", "${schema}"."${prefix}message",
  "${schema}"."${prefix}result", "${schema}"."${prefix}attempt", "${schema}"."${prefix}dead_letter",
  "${schema}"."${prefix}outbox_slot", "${schema}"."${prefix}outbox_relay", "${schema}"."${prefix}outbox",
  "${schema}"."${prefix}outbox_delayed", "${schema}"."${prefix}outbox_blocked", "${schema}"."${prefix}outbox_parked",
  "${schema}"."${prefix}outbox_dead_letter", "${schema}"."${prefix}outbox_kept", "${schema}"."${prefix}job",
  "${schema}"."${prefix}retention", "${schema}"."${prefix}hold", "${schema}"."${prefix}finding", "${schema}"."${prefix}repair",
  "${schema}"."${prefix}watermark"
  FROM PUBLIC, "${application_role}", "${relay_role}", "${collector_role}", "${reconciler_role}", "${operator_role}",
  "${reader_role}";

GRANT SELECT ON "${schema}"."${prefix}schema_version" TO "${application_role}", "${relay_role}", "${collector_role}",
  "${reconciler_role}", "${operator_role}", "${reader_role}";

-- Application. The columns of message it may update are those that the replay of a dead letter settles.
GRANT SELECT, INSERT ON "${schema}"."${prefix}message", "${schema}"."${prefix}result" TO "${application_role}";
-- A result that outlived its key is replaced when the key is handled again.
GRANT UPDATE ("result", "signature") ON "${schema}"."${prefix}result" TO "${application_role}";
GRANT UPDATE ("handled_at", "state", "fingerprint", "message_time", "subject", "correlation_id")
  ON "${schema}"."${prefix}message" TO "${application_role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON "${schema}"."${prefix}attempt" TO "${application_role}";
GRANT SELECT, INSERT, UPDATE ON "${schema}"."${prefix}dead_letter" TO "${application_role}";
GRANT SELECT, INSERT, UPDATE ("dedupe_window_seconds", "updated_at")
  ON "${schema}"."${prefix}consumer" TO "${application_role}";

-- A watermark is taken over and moved; which one it is cannot be changed, and none can be deleted.
GRANT SELECT, INSERT ("tenant", "consumer", "stream", "partition"), UPDATE ("epoch", "position", "taken_at", "moved_at")
  ON "${schema}"."${prefix}watermark" TO "${application_role}";

-- Appending needs the number of slots. What was appended is not the application's to read, but for the copies it made;
-- nor does it choose an id, which is a message's place in the order.
GRANT SELECT ON "${schema}"."${prefix}outbox_slot" TO "${application_role}";
GRANT INSERT ("slot", "message_id", "tenant", "topic", "key", "headers", "payload", "correlation_id", "causation_id")
  ON "${schema}"."${prefix}outbox" TO "${application_role}";
GRANT INSERT ("due_at", "slot", "message_id", "tenant", "topic", "key", "headers", "payload", "correlation_id",
    "causation_id")
  ON "${schema}"."${prefix}outbox_delayed" TO "${application_role}";
-- The copies of a key are replaced when it is handled again.
GRANT SELECT, INSERT, DELETE ON "${schema}"."${prefix}outbox_kept" TO "${application_role}";

-- Relay. It inserts into outbox what was delayed and what is requeued. Whoever changes the number of slots must see the
-- messages of every tenant, and so does it as the relay.
GRANT SELECT, INSERT, UPDATE ("owner", "epoch", "lease_until"), DELETE
  ON "${schema}"."${prefix}outbox_slot" TO "${relay_role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON "${schema}"."${prefix}outbox_relay", "${schema}"."${prefix}outbox_blocked"
  TO "${relay_role}";
GRANT SELECT, INSERT, DELETE ON "${schema}"."${prefix}outbox", "${schema}"."${prefix}outbox_parked" TO "${relay_role}";
-- Rows that are due are locked before they move.
GRANT SELECT, INSERT, UPDATE ("due_at"), DELETE ON "${schema}"."${prefix}outbox_delayed" TO "${relay_role}";
GRANT SELECT, INSERT, UPDATE ("state", "resolved_at", "resolution")
  ON "${schema}"."${prefix}outbox_dead_letter" TO "${relay_role}";

-- Collector.
GRANT SELECT, DELETE ON "${schema}"."${prefix}outbox_kept", "${schema}"."${prefix}outbox_dead_letter"
  TO "${collector_role}";
GRANT SELECT, DELETE ON "${schema}"."${prefix}message", "${schema}"."${prefix}result", "${schema}"."${prefix}attempt",
  "${schema}"."${prefix}dead_letter" TO "${collector_role}";
GRANT SELECT, UPDATE ("purge_horizon") ON "${schema}"."${prefix}consumer" TO "${collector_role}";
GRANT SELECT, INSERT, UPDATE ON "${schema}"."${prefix}job" TO "${collector_role}";
-- What it must keep is not its own to decide.
GRANT SELECT ON "${schema}"."${prefix}retention", "${schema}"."${prefix}hold" TO "${collector_role}";
GRANT SELECT, DELETE ON "${schema}"."${prefix}finding" TO "${collector_role}";

-- Reconciler. It reads stored results, because their signatures cover them, but no payload and no header.
GRANT SELECT ON "${schema}"."${prefix}consumer", "${schema}"."${prefix}message", "${schema}"."${prefix}result",
  "${schema}"."${prefix}attempt", "${schema}"."${prefix}outbox_slot", "${schema}"."${prefix}outbox_relay",
  "${schema}"."${prefix}outbox_blocked", "${schema}"."${prefix}retention", "${schema}"."${prefix}hold",
  "${schema}"."${prefix}repair", "${schema}"."${prefix}watermark" TO "${reconciler_role}";
GRANT SELECT, INSERT, UPDATE ON "${schema}"."${prefix}job", "${schema}"."${prefix}finding" TO "${reconciler_role}";

-- Operator. The checkpoint is its to reset; and locking a job's row, which takes a right to update it, is how whoever
-- places a hold waits for the batch that is being collected.
GRANT SELECT, INSERT, UPDATE, DELETE ON "${schema}"."${prefix}hold", "${schema}"."${prefix}retention" TO "${operator_role}";
GRANT SELECT, UPDATE ("resolved_at", "resolution", "accepted") ON "${schema}"."${prefix}finding" TO "${operator_role}";
GRANT SELECT, UPDATE ("checkpoint") ON "${schema}"."${prefix}job" TO "${operator_role}";
GRANT SELECT, INSERT ON "${schema}"."${prefix}repair" TO "${operator_role}";
GRANT SELECT ON "${schema}"."${prefix}consumer", "${schema}"."${prefix}message", "${schema}"."${prefix}attempt"
  TO "${operator_role}";
-- To have a partition handled again from an earlier position, which takes a new epoch, too.
GRANT SELECT, UPDATE ("epoch", "position") ON "${schema}"."${prefix}watermark" TO "${operator_role}";

-- Reader; the reconciler sees the same columns of what carries payloads.
GRANT SELECT ON "${schema}"."${prefix}consumer", "${schema}"."${prefix}message", "${schema}"."${prefix}attempt",
  "${schema}"."${prefix}job", "${schema}"."${prefix}retention", "${schema}"."${prefix}hold", "${schema}"."${prefix}finding",
  "${schema}"."${prefix}watermark"
  TO "${reader_role}";
GRANT SELECT ("id", "finding_id", "action", "tenant", "consumer", "source", "item", "reason", "done_by", "done_at")
  ON "${schema}"."${prefix}repair" TO "${reader_role}";
GRANT SELECT ("tenant", "consumer", "source", "message_id", "created_at")
  ON "${schema}"."${prefix}result" TO "${reader_role}";
GRANT SELECT ("id", "digest", "tenant", "consumer", "source", "message_id", "reason", "state", "attempts", "deliveries",
    "error", "message_time", "subject", "correlation_id", "fingerprint", "dead_lettered_at", "last_delivered_at",
    "resolved_at", "resolution")
  ON "${schema}"."${prefix}dead_letter" TO "${reconciler_role}", "${reader_role}";
GRANT SELECT ON "${schema}"."${prefix}outbox_slot", "${schema}"."${prefix}outbox_relay", "${schema}"."${prefix}outbox_blocked"
  TO "${reader_role}";
GRANT SELECT ("slot", "id", "message_id", "tenant", "topic", "key", "correlation_id", "causation_id", "appended_at")
  ON "${schema}"."${prefix}outbox" TO "${reconciler_role}", "${reader_role}";
GRANT SELECT ("id", "due_at", "slot", "message_id", "tenant", "topic", "key", "correlation_id", "causation_id", "appended_at")
  ON "${schema}"."${prefix}outbox_delayed" TO "${reconciler_role}", "${reader_role}";
GRANT SELECT ("slot", "lane", "id", "message_id", "tenant", "topic", "key", "correlation_id", "causation_id", "appended_at")
  ON "${schema}"."${prefix}outbox_parked" TO "${reconciler_role}", "${reader_role}";
GRANT SELECT ("id", "message_id", "tenant", "topic", "key", "correlation_id", "causation_id", "appended_at", "reason",
    "state", "attempts", "error", "dead_lettered_at", "resolved_at", "resolution")
  ON "${schema}"."${prefix}outbox_dead_letter" TO "${reconciler_role}", "${reader_role}";
GRANT SELECT ("tenant", "consumer", "source", "handled_id", "position", "message_id", "message_tenant", "topic", "key",
    "correlation_id", "causation_id", "appended_at")
  ON "${schema}"."${prefix}outbox_kept" TO "${reconciler_role}", "${reader_role}";
