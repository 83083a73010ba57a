-- Purpose: keeps the tenants of one database apart: the application sees and writes the rows of one tenant only, the one
--          its transaction names by
--            SELECT set_config('inbox.tenant', 'acme', true);
--          Without it the application sees no row and inserts none. Set it inside the transaction (the true): a setting
--          of the session would leak to the next user of a pooled connection.
--          PostgreSQL leaves '' behind when such a transaction ends, so '' counts as unset, and messages without a
--          tenant cannot be handled once this script has run.
--          Superusers, and roles with BYPASSRLS, are not held back by any policy; the owner is.
--          A relay serves every tenant, so no policy holds it back; nor one the collector, the reconciler, the operator and
--          the reader.
-- Lock:    ACCESS EXCLUSIVE on each of the tables, for a moment.
-- Online:  yes, if every service names its tenant already. Run it in one transaction, after roles.sql, as the owner of the
--          tables. It may be run any number of times.
-- Undo:    ALTER TABLE ... NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY for each of the tables.

ALTER TABLE "${schema}"."${prefix}message" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}message" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}message";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}message" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_collector_select" ON "${schema}"."${prefix}message";
CREATE POLICY "inbox_collector_select" ON "${schema}"."${prefix}message" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_collector_delete" ON "${schema}"."${prefix}message";
CREATE POLICY "inbox_collector_delete" ON "${schema}"."${prefix}message" FOR DELETE TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}message";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}message" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}message";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}message" FOR SELECT TO "${reconciler_role}" USING (true);
DROP POLICY IF EXISTS "inbox_operator" ON "${schema}"."${prefix}message";
CREATE POLICY "inbox_operator" ON "${schema}"."${prefix}message" FOR SELECT TO "${operator_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}result" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}result" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}result";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}result" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_collector_select" ON "${schema}"."${prefix}result";
CREATE POLICY "inbox_collector_select" ON "${schema}"."${prefix}result" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_collector_delete" ON "${schema}"."${prefix}result";
CREATE POLICY "inbox_collector_delete" ON "${schema}"."${prefix}result" FOR DELETE TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}result";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}result" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}result";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}result" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}attempt" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}attempt" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}attempt";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}attempt" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_collector_select" ON "${schema}"."${prefix}attempt";
CREATE POLICY "inbox_collector_select" ON "${schema}"."${prefix}attempt" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_collector_delete" ON "${schema}"."${prefix}attempt";
CREATE POLICY "inbox_collector_delete" ON "${schema}"."${prefix}attempt" FOR DELETE TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}attempt";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}attempt" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}attempt";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}attempt" FOR SELECT TO "${reconciler_role}" USING (true);
DROP POLICY IF EXISTS "inbox_operator" ON "${schema}"."${prefix}attempt";
CREATE POLICY "inbox_operator" ON "${schema}"."${prefix}attempt" FOR SELECT TO "${operator_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}dead_letter" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}dead_letter" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}dead_letter";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}dead_letter" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_collector_select" ON "${schema}"."${prefix}dead_letter";
CREATE POLICY "inbox_collector_select" ON "${schema}"."${prefix}dead_letter" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_collector_delete" ON "${schema}"."${prefix}dead_letter";
CREATE POLICY "inbox_collector_delete" ON "${schema}"."${prefix}dead_letter" FOR DELETE TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}dead_letter";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}dead_letter" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}dead_letter";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}dead_letter" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}outbox" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}outbox" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}outbox";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}outbox" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_relay" ON "${schema}"."${prefix}outbox";
CREATE POLICY "inbox_relay" ON "${schema}"."${prefix}outbox" TO "${relay_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}outbox";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}outbox" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}outbox";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}outbox" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}outbox_delayed" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}outbox_delayed" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}outbox_delayed";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}outbox_delayed" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_relay" ON "${schema}"."${prefix}outbox_delayed";
CREATE POLICY "inbox_relay" ON "${schema}"."${prefix}outbox_delayed" TO "${relay_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}outbox_delayed";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}outbox_delayed" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}outbox_delayed";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}outbox_delayed" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}outbox_blocked" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}outbox_blocked" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_relay" ON "${schema}"."${prefix}outbox_blocked";
CREATE POLICY "inbox_relay" ON "${schema}"."${prefix}outbox_blocked" TO "${relay_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}outbox_blocked";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}outbox_blocked" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}outbox_blocked";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}outbox_blocked" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}outbox_parked" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}outbox_parked" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_relay" ON "${schema}"."${prefix}outbox_parked";
CREATE POLICY "inbox_relay" ON "${schema}"."${prefix}outbox_parked" TO "${relay_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}outbox_parked";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}outbox_parked" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}outbox_parked";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}outbox_parked" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}outbox_dead_letter" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}outbox_dead_letter" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_relay" ON "${schema}"."${prefix}outbox_dead_letter";
CREATE POLICY "inbox_relay" ON "${schema}"."${prefix}outbox_dead_letter" TO "${relay_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_collector_select" ON "${schema}"."${prefix}outbox_dead_letter";
CREATE POLICY "inbox_collector_select" ON "${schema}"."${prefix}outbox_dead_letter" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_collector_delete" ON "${schema}"."${prefix}outbox_dead_letter";
CREATE POLICY "inbox_collector_delete" ON "${schema}"."${prefix}outbox_dead_letter" FOR DELETE TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}outbox_dead_letter";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}outbox_dead_letter" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}outbox_dead_letter";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}outbox_dead_letter" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}outbox_kept" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}outbox_kept" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}outbox_kept";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}outbox_kept" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_collector_select" ON "${schema}"."${prefix}outbox_kept";
CREATE POLICY "inbox_collector_select" ON "${schema}"."${prefix}outbox_kept" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_collector_delete" ON "${schema}"."${prefix}outbox_kept";
CREATE POLICY "inbox_collector_delete" ON "${schema}"."${prefix}outbox_kept" FOR DELETE TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}outbox_kept";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}outbox_kept" FOR SELECT TO "${reader_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}outbox_kept";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}outbox_kept" FOR SELECT TO "${reconciler_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}retention" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}retention" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_collector" ON "${schema}"."${prefix}retention";
CREATE POLICY "inbox_collector" ON "${schema}"."${prefix}retention" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}retention";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}retention" FOR SELECT TO "${reconciler_role}" USING (true);
DROP POLICY IF EXISTS "inbox_operator" ON "${schema}"."${prefix}retention";
CREATE POLICY "inbox_operator" ON "${schema}"."${prefix}retention" TO "${operator_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}retention";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}retention" FOR SELECT TO "${reader_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}hold" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}hold" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_collector" ON "${schema}"."${prefix}hold";
CREATE POLICY "inbox_collector" ON "${schema}"."${prefix}hold" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}hold";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}hold" FOR SELECT TO "${reconciler_role}" USING (true);
DROP POLICY IF EXISTS "inbox_operator" ON "${schema}"."${prefix}hold";
CREATE POLICY "inbox_operator" ON "${schema}"."${prefix}hold" TO "${operator_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}hold";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}hold" FOR SELECT TO "${reader_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}finding" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}finding" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_collector_select" ON "${schema}"."${prefix}finding";
CREATE POLICY "inbox_collector_select" ON "${schema}"."${prefix}finding" FOR SELECT TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_collector_delete" ON "${schema}"."${prefix}finding";
CREATE POLICY "inbox_collector_delete" ON "${schema}"."${prefix}finding" FOR DELETE TO "${collector_role}" USING (true);
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}finding";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}finding" TO "${reconciler_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_operator" ON "${schema}"."${prefix}finding";
CREATE POLICY "inbox_operator" ON "${schema}"."${prefix}finding" TO "${operator_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}finding";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}finding" FOR SELECT TO "${reader_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}repair" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}repair" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}repair";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}repair" FOR SELECT TO "${reconciler_role}" USING (true);
DROP POLICY IF EXISTS "inbox_operator" ON "${schema}"."${prefix}repair";
CREATE POLICY "inbox_operator" ON "${schema}"."${prefix}repair" TO "${operator_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}repair";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}repair" FOR SELECT TO "${reader_role}" USING (true);

ALTER TABLE "${schema}"."${prefix}watermark" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${schema}"."${prefix}watermark" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "inbox_application" ON "${schema}"."${prefix}watermark";
CREATE POLICY "inbox_application" ON "${schema}"."${prefix}watermark" TO "${application_role}"
  USING ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''))
  WITH CHECK ("tenant" = nullif(pg_catalog.current_setting('inbox.tenant', true), ''));
DROP POLICY IF EXISTS "inbox_reconciler" ON "${schema}"."${prefix}watermark";
CREATE POLICY "inbox_reconciler" ON "${schema}"."${prefix}watermark" FOR SELECT TO "${reconciler_role}" USING (true);
DROP POLICY IF EXISTS "inbox_operator" ON "${schema}"."${prefix}watermark";
CREATE POLICY "inbox_operator" ON "${schema}"."${prefix}watermark" TO "${operator_role}" USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS "inbox_reader" ON "${schema}"."${prefix}watermark";
CREATE POLICY "inbox_reader" ON "${schema}"."${prefix}watermark" FOR SELECT TO "${reader_role}" USING (true);
