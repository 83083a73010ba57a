-- Purpose: lets consumers keep their keys in buckets, a partition of message for each day that the keys carry in
--          themselves, which the collector drops whole. Only consumers that ask for it do; the keys of all others stay in
--          one partition, which is the table of before.
-- Lock:    ACCESS EXCLUSIVE on message twice, for a moment; in between SHARE UPDATE EXCLUSIVE while the table is read once.
--          Waits 5 s for a lock at most; then run it again.
-- Online:  yes, beside services of version 4. It is three transactions, so run it as it is, not in one (psql without -1),
--          after roles.sql, as a superuser or as the owner of the tables, a member of "${owner_role}" with CREATE on the
--          schema. It may be run any number of times; run it again after roles.sql.
-- Undo:    only while no consumer has keys in a bucket:
--          ALTER TABLE "${schema}"."${prefix}message" DETACH PARTITION "${schema}"."${prefix}message_plain";
--          DROP TABLE "${schema}"."${prefix}message", "${schema}"."${prefix}bucket", "${schema}"."${prefix}bucket_consumer";
--          ALTER TABLE "${schema}"."${prefix}message_plain" RENAME TO "${prefix}message"; and DROP FUNCTION for the four below;
--          then grant again what there was on message: roles.sql and row-level-security.sql do.
-- Mind:    views, triggers and publications of your own on message go on with message_plain alone; make them anew.

BEGIN;
SET LOCAL lock_timeout = '5s';
DO $column$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = '"${schema}"."${prefix}message"'::regclass AND relkind = 'r') THEN
    -- A constant default, so no row is written.
    ALTER TABLE "${schema}"."${prefix}message" ADD COLUMN IF NOT EXISTS "bucket" date NOT NULL DEFAULT '-infinity';
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = '"${schema}"."${prefix}message"'::regclass
        AND conname = '${prefix}message_plain_check') THEN
      ALTER TABLE "${schema}"."${prefix}message"
        ADD CONSTRAINT "${prefix}message_plain_check" CHECK ("bucket" = '-infinity') NOT VALID;
    END IF;
  END IF;
END
$column$;
COMMIT;

BEGIN;
SET LOCAL lock_timeout = '5s';
DO $validate$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = '"${schema}"."${prefix}message"'::regclass AND relkind = 'r') THEN
    ALTER TABLE "${schema}"."${prefix}message" VALIDATE CONSTRAINT "${prefix}message_plain_check";
  END IF;
END
$validate$;
COMMIT;

BEGIN;
SET LOCAL lock_timeout = '5s';
DO $partition$
DECLARE
  plain text := '"${schema}"."${prefix}message_plain"';
  parent text := '"${schema}"."${prefix}message"';
  granted record;
  policy record;
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = parent::regclass AND relkind = 'r') THEN
    ALTER TABLE "${schema}"."${prefix}message" RENAME TO "${prefix}message_plain";
    CREATE TABLE "${schema}"."${prefix}message" (LIKE "${schema}"."${prefix}message_plain" INCLUDING DEFAULTS)
      PARTITION BY LIST ("bucket");
    EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %I', parent,
      (SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = plain::regclass));
    -- Whoever may use the table goes on to do so through the new one, under the same policies, and not past it.
    FOR granted IN
      SELECT pg_catalog.format('%s ON %s', a.privilege_type, '%s') AS what, a.grantee, a.is_grantable
      FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a WHERE c.oid = plain::regclass AND a.grantee <> c.relowner
      UNION
      SELECT pg_catalog.format('%s (%I) ON %s', a.privilege_type, t.attname, '%s'), a.grantee, a.is_grantable
      FROM pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) a WHERE t.attrelid = plain::regclass
    LOOP
      EXECUTE pg_catalog.format('GRANT ' || granted.what || ' TO ', parent)
        || CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(granted.grantee)) END
        || CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
    FOR granted IN
      SELECT a.grantee FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
      WHERE c.oid = plain::regclass AND a.grantee <> c.relowner
      UNION
      SELECT a.grantee FROM pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) a WHERE t.attrelid = plain::regclass
    LOOP
      EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM ', plain)
        || CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(granted.grantee)) END
        || ' CASCADE';
    END LOOP;
    FOR policy IN
      SELECT p.policyname, p.permissive, p.cmd, p.qual, p.with_check,
        (SELECT pg_catalog.string_agg(CASE r WHEN 'public' THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r) END, ', ') FROM pg_catalog.unnest(p.roles) r) AS roles
      FROM pg_catalog.pg_policies p WHERE p.schemaname = '${schema}' AND p.tablename = '${prefix}message_plain'
    LOOP
      EXECUTE pg_catalog.format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', policy.policyname, parent, policy.permissive, policy.cmd, policy.roles)
        || coalesce(' USING (' || policy.qual || ')', '') || coalesce(' WITH CHECK (' || policy.with_check || ')', '');
      EXECUTE pg_catalog.format('DROP POLICY %I ON %s', policy.policyname, plain);
    END LOOP;
    IF (SELECT relrowsecurity FROM pg_catalog.pg_class WHERE oid = plain::regclass) THEN
      ALTER TABLE "${schema}"."${prefix}message" ENABLE ROW LEVEL SECURITY;
    END IF;
    IF (SELECT relforcerowsecurity FROM pg_catalog.pg_class WHERE oid = plain::regclass) THEN
      ALTER TABLE "${schema}"."${prefix}message" FORCE ROW LEVEL SECURITY;
    END IF;
    ALTER TABLE "${schema}"."${prefix}message" ATTACH PARTITION "${schema}"."${prefix}message_plain" FOR VALUES IN ('-infinity');
  END IF;
END
$partition$;

-- The days, in UTC, that have a partition. A claim looks here, so that it meets a missing one with a word and no error.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}bucket" (
  "day"     date        NOT NULL,
  "made_at" timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "${prefix}bucket_pkey" PRIMARY KEY ("day")
);

-- The consumers whose keys are in buckets, and by what their day is known. While one is moving, its keys are claimed in the
-- plain partition and in the bucket, so that nodes of before and of afterwards can work beside each other.
CREATE TABLE IF NOT EXISTS "${schema}"."${prefix}bucket_consumer" (
  "consumer"      text COLLATE "C" NOT NULL,
  "kind"          text             NOT NULL,
  "moving"        boolean          NOT NULL,
  "ahead_seconds" bigint           NOT NULL,
  CONSTRAINT "${prefix}bucket_consumer_pkey" PRIMARY KEY ("consumer"),
  CONSTRAINT "${prefix}bucket_ahead_check" CHECK ("ahead_seconds" BETWEEN 0 AND 34560001)
);

-- Makes the buckets that are missing, from the day before the longest window to a week after the furthest time that a
-- claim lets in, 400 days either way at most; returns how many. With the rights of its owner, so that services need none to
-- create tables. Lock: SHARE UPDATE EXCLUSIVE on message, which no claim waits for.
CREATE OR REPLACE FUNCTION "${schema}"."${prefix}bucket_ahead"() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $body$
DECLARE
  missing date[];
  each date;
BEGIN
  FOR round IN 1..2 LOOP
    -- Somebody may have dropped a partition by hand.
    DELETE FROM "${schema}"."${prefix}bucket" k WHERE NOT EXISTS (
      SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = '"${schema}"."${prefix}message"'::regclass AND c.relname = '${prefix}message_' || to_char(k.day, 'YYYYMMDD'));
    SELECT array_agg(span.first + n.n ORDER BY n.n) INTO missing
    FROM (SELECT (min(clock_timestamp() - make_interval(secs => least(c.dedupe_window_seconds, 34560000))) AT TIME ZONE 'UTC')::date - 1 AS first,
                 (max(clock_timestamp() + make_interval(secs => b.ahead_seconds)) AT TIME ZONE 'UTC')::date + 7 AS last
          FROM "${schema}"."${prefix}bucket_consumer" b
          JOIN "${schema}"."${prefix}consumer" c ON c.consumer = b.consumer) span,
      generate_series(0, span.last - span.first) AS n (n)
    WHERE NOT EXISTS (SELECT FROM "${schema}"."${prefix}bucket" k WHERE k.day = span.first + n.n);
    IF missing IS NULL THEN
      RETURN 0;
    END IF;
    LOCK TABLE "${schema}"."${prefix}bucket" IN SHARE ROW EXCLUSIVE MODE; -- then look again: others may have been quicker
  END LOOP;
  FOREACH each IN ARRAY missing LOOP
    EXECUTE format('CREATE TABLE "${schema}".%I (LIKE "${schema}"."${prefix}message" INCLUDING DEFAULTS, PRIMARY KEY (message_id, consumer, source, tenant))',
      '${prefix}message_' || to_char(each, 'YYYYMMDD'));
    EXECUTE format('ALTER TABLE "${schema}"."${prefix}message" ATTACH PARTITION "${schema}".%I FOR VALUES IN (%L)',
      '${prefix}message_' || to_char(each, 'YYYYMMDD'), each);
    IF (SELECT relrowsecurity FROM pg_class WHERE oid = '"${schema}"."${prefix}message"'::regclass) THEN
      EXECUTE format('ALTER TABLE "${schema}".%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        '${prefix}message_' || to_char(each, 'YYYYMMDD'));
    END IF;
    INSERT INTO "${schema}"."${prefix}bucket" ("day") VALUES (each);
  END LOOP;
  RETURN cardinality(missing);
END
$body$;

-- Refuses a bucket that is within a window, or before no horizon: a claim may let something into it.
CREATE OR REPLACE FUNCTION "${schema}"."${prefix}bucket_due"(asked date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  over timestamptz := (asked + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  IF EXISTS (SELECT FROM "${schema}"."${prefix}bucket_consumer" b
      LEFT JOIN "${schema}"."${prefix}consumer" c ON c.consumer = b.consumer
      WHERE c.purge_horizon IS NULL OR c.purge_horizon < over
        OR clock_timestamp() - make_interval(secs => c.dedupe_window_seconds) < over) THEN
    RAISE EXCEPTION 'bucket % is within a window, or before no horizon', asked USING ERRCODE = '55000';
  END IF;
END
$body$;

-- Lets nobody write into a bucket until the transaction ends, so that it can be read before it is dropped: replays and
-- repairs may write into one that no claim lets anything into. Lock: SHARE on the partition.
CREATE OR REPLACE FUNCTION "${schema}"."${prefix}bucket_freeze"(frozen date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  PERFORM "${schema}"."${prefix}bucket_due"(frozen);
  IF to_regclass(format('"${schema}".%I', '${prefix}message_' || to_char(frozen, 'YYYYMMDD'))) IS NOT NULL THEN
    EXECUTE format('LOCK TABLE "${schema}".%I IN SHARE MODE', '${prefix}message_' || to_char(frozen, 'YYYYMMDD'));
  END IF;
END
$body$;

-- Drops a bucket. Whoever calls it has frozen it and moved what must stay.
-- Lock: ACCESS EXCLUSIVE on message until the transaction ends, so set lock_timeout and commit at once.
CREATE OR REPLACE FUNCTION "${schema}"."${prefix}bucket_drop"(dropped date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  LOCK TABLE "${schema}"."${prefix}bucket" IN SHARE ROW EXCLUSIVE MODE;
  PERFORM "${schema}"."${prefix}bucket_due"(dropped);
  DELETE FROM "${schema}"."${prefix}bucket" WHERE "day" = dropped;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  EXECUTE format('DROP TABLE IF EXISTS "${schema}".%I', '${prefix}message_' || to_char(dropped, 'YYYYMMDD'));
  RETURN true;
END
$body$;

REVOKE ALL ON FUNCTION "${schema}"."${prefix}bucket_ahead"(), "${schema}"."${prefix}bucket_due"(date),
  "${schema}"."${prefix}bucket_freeze"(date), "${schema}"."${prefix}bucket_drop"(date) FROM PUBLIC;

DO $rights$
DECLARE
  holder record;
  partition regclass;
  owner text;
  collectors text;
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${owner_role}')
      AND pg_catalog.has_schema_privilege('${owner_role}', '${schema}', 'CREATE') THEN
    ALTER TABLE "${schema}"."${prefix}message" OWNER TO "${owner_role}";
  END IF;
  SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(relowner)) INTO owner
  FROM pg_catalog.pg_class WHERE oid = '"${schema}"."${prefix}message"'::regclass;
  EXECUTE 'ALTER TABLE "${schema}"."${prefix}bucket" OWNER TO ' || owner;
  EXECUTE 'ALTER TABLE "${schema}"."${prefix}bucket_consumer" OWNER TO ' || owner;
  EXECUTE 'ALTER FUNCTION "${schema}"."${prefix}bucket_ahead"() OWNER TO ' || owner;
  EXECUTE 'ALTER FUNCTION "${schema}"."${prefix}bucket_due"(date) OWNER TO ' || owner;
  EXECUTE 'ALTER FUNCTION "${schema}"."${prefix}bucket_freeze"(date) OWNER TO ' || owner;
  EXECUTE 'ALTER FUNCTION "${schema}"."${prefix}bucket_drop"(date) OWNER TO ' || owner;
  FOR partition IN SELECT inhrelid FROM pg_catalog.pg_inherits
      WHERE inhparent = '"${schema}"."${prefix}message"'::regclass LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO ', partition) || owner;
    IF (SELECT relrowsecurity FROM pg_catalog.pg_class WHERE oid = '"${schema}"."${prefix}message"'::regclass) THEN
      EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition);
    END IF;
  END LOOP;
  -- Whoever sees the consumers sees the buckets; whoever handles messages registers for them and has them made; whoever
  -- deletes messages drops them, and moves what must be kept longer into the plain partition.
  FOR holder IN
    SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS name,
      pg_catalog.bool_or(c.relname = '${prefix}consumer' AND a.privilege_type = 'SELECT') AS sees,
      pg_catalog.bool_or(c.relname = '${prefix}message' AND a.privilege_type = 'INSERT') AS handles,
      pg_catalog.bool_or(c.relname = '${prefix}message' AND a.privilege_type = 'DELETE') AS deletes
    FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
    WHERE c.oid IN ('"${schema}"."${prefix}consumer"'::regclass, '"${schema}"."${prefix}message"'::regclass) AND a.grantee <> c.relowner
    GROUP BY a.grantee
  LOOP
    IF holder.sees THEN
      EXECUTE 'GRANT SELECT ON "${schema}"."${prefix}bucket", "${schema}"."${prefix}bucket_consumer" TO ' || holder.name;
    END IF;
    IF holder.handles THEN
      EXECUTE 'GRANT INSERT, UPDATE ("moving", "ahead_seconds") ON "${schema}"."${prefix}bucket_consumer" TO ' || holder.name;
      EXECUTE 'GRANT EXECUTE ON FUNCTION "${schema}"."${prefix}bucket_ahead"() TO ' || holder.name;
    END IF;
    IF holder.deletes THEN
      EXECUTE 'GRANT SELECT, INSERT, DELETE ON "${schema}"."${prefix}message_plain" TO ' || holder.name;
      EXECUTE 'GRANT EXECUTE ON FUNCTION "${schema}"."${prefix}bucket_ahead"(), "${schema}"."${prefix}bucket_freeze"(date), "${schema}"."${prefix}bucket_drop"(date) TO ' || holder.name;
      collectors := pg_catalog.concat_ws(', ', collectors, holder.name);
    END IF;
  END LOOP;
  IF collectors IS NOT NULL AND (SELECT relrowsecurity FROM pg_catalog.pg_class WHERE oid = '"${schema}"."${prefix}message"'::regclass) THEN
    -- Through the parent its policies hold, and no others; past it only who collects has anything to do.
    DROP POLICY IF EXISTS "inbox_collector" ON "${schema}"."${prefix}message_plain";
    EXECUTE 'CREATE POLICY "inbox_collector" ON "${schema}"."${prefix}message_plain" TO ' || collectors
      || ' USING (true) WITH CHECK (true)';
  END IF;
END
$rights$;
COMMIT;
