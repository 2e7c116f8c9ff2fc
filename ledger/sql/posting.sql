-- What the entries add to each account on each day, in the order of their key: in the account's currency, so in base for
-- a foreign line on an account in base, and nothing for a line of a revaluation, which is in base on a foreign account; and
-- in base. Written so that PostgreSQL puts it into the statement that asks.
CREATE OR REPLACE FUNCTION ledger_movements(entries jsonb, base text)
RETURNS TABLE (account_id uuid, day date, debit numeric, credit numeric, base_debit numeric, base_credit numeric)
LANGUAGE sql STABLE AS $$
    SELECT l.account_id, l.date,
        sum(CASE WHEN l.is_own THEN l.debit WHEN l.is_base THEN 0 ELSE l.base_debit END),
        sum(CASE WHEN l.is_own THEN l.credit WHEN l.is_base THEN 0 ELSE l.base_credit END),
        sum(CASE WHEN l.is_base THEN l.debit ELSE COALESCE(l.base_debit, 0) END),
        sum(CASE WHEN l.is_base THEN l.credit ELSE COALESCE(l.base_credit, 0) END)
    FROM (
        SELECT posted.date, line.*, COALESCE(line.currency, posted.currency) = base AS is_base,
            COALESCE(line.account_currency = COALESCE(line.currency, posted.currency), true) AS is_own
        FROM jsonb_to_recordset(entries) AS posted(date date, currency text, lines jsonb),
            jsonb_to_recordset(posted.lines) AS line(
                account_id uuid, currency text, account_currency text, debit numeric(19, 4), credit numeric(19, 4),
                base_debit numeric(19, 4), base_credit numeric(19, 4))
    ) l
    GROUP BY 1, 2 ORDER BY 1, 2
$$;

-- Posting: the one way into the books, for one entry and for a thousand alike.
--
-- `entries` is a JSON array, in the order of the numbers, of
--   {id, number, reference, date, description, currency, created_by_id, created_at, posted_at,
--    reversal_of_id, reversal_reason, source, requested_date, lock_exception_id, closing_year, reverse_on, scope,
--    metadata,
--    attachments: [{id, document_id}], lines: [{id, account_id, debit, credit, description}]}
-- and `events` one of {id, type, object_id, data, api_version, actor, request_id, interface}, in the order of the log.
-- A line that is not in the entry's currency has its own `currency`, one on an account in another currency that
-- account's `account_currency`. A line in the base currency is worth itself; another one has `base_debit`, `base_credit`
-- and `exchange_rate` (base units for one unit), unless the whole entry is in one foreign currency and has no rate yet.
-- `scope` is 'sales' or 'purchases' for the entry of a document of those; periods may be closed for one of them alone.
-- The answer is empty when all is posted. It is 'closed', and nothing is posted, when an entry is dated where the books
-- are closed for it; 'taken' when another entry has the number of the only one. Of several entries, a taken number is a
-- unique_violation.
-- The totals come from the lines here, so that the table's checks (debits equal credits in base, and in the currency when
-- there is only one; two lines at least) judge the lines themselves, with the digits that the table keeps. Accounts of
-- another tenant or currency fail on the line's foreign key.
-- An entry without a source, which is no document's, does not reach a control account.
-- Entries are inserted in the order given and balances in the order of their key, so that two postings cannot deadlock. One statement for all entries and one for all lines: PostgreSQL prepares checks and expressions anew for each
-- statement, which costs more than the rows. Many entries at once add to days and months themselves, unless somebody else
-- does so now: a large load leaves no more to be read than a small one.
CREATE OR REPLACE FUNCTION ledger_post(entries jsonb, events jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid := app_tenant();
    base text;
    last_closed date;
    controls jsonb;
    posted integer;
    recorded_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(tenant || 'books', 0));
    SELECT b.base_currency, b.closed_until,
        (SELECT jsonb_agg(id) FROM ledger_account WHERE tenant_id = tenant AND control_since IS NOT NULL)
    INTO base, last_closed, controls FROM (SELECT) one LEFT JOIN ledger_books b ON b.tenant_id = tenant;
    IF controls IS NOT NULL AND jsonb_path_exists(
        entries, '$[*] ? (!exists(@.source) || @.source == null).lines[*].account_id ? (@ == $controls[*])',
        jsonb_build_object('controls', controls))
    THEN
        RAISE integrity_constraint_violation USING CONSTRAINT = 'ledger_account_control',
            MESSAGE = 'a control account takes lines of documents only';
    END IF;
    IF base IS NULL THEN
        base := ledger_open_books();
    END IF;
    IF last_closed IS NOT NULL AND EXISTS (
        SELECT FROM jsonb_to_recordset(entries) AS e(date date, scope text, closing_year integer, lock_exception_id uuid)
        WHERE e.date <= last_closed AND ledger_is_closed(e.date, e.scope, e.closing_year, e.lock_exception_id))
    THEN
        RETURN 'closed';
    END IF;

    INSERT INTO ledger_journalentry (
        tenant_id, id, number, reference, date, description, status, currency, total_debit, total_credit,
        base_currency, base_total_debit, base_total_credit, line_count, created_by_id, created_at, updated_at,
        posted_at, reversal_of_id, reversal_reason, source, requested_date, lock_exception_id, closing_year, reverse_on,
        metadata)
    SELECT tenant, e.id, e.number, e.reference, e.date, e.description, 'posted',
        CASE WHEN t.is_in_one THEN t.currency ELSE base END,
        CASE WHEN t.is_in_one THEN t.debit ELSE t.base_debit END,
        CASE WHEN t.is_in_one THEN t.credit ELSE t.base_credit END,
        base, t.base_debit, CASE WHEN t.valued IN (0, t.lines) THEN t.base_credit END, t.lines, e.created_by_id,
        e.created_at, e.posted_at, e.posted_at, e.reversal_of_id, e.reversal_reason, e.source, e.requested_date,
        e.lock_exception_id, e.closing_year, e.reverse_on, COALESCE(e.metadata, '{}')
    FROM jsonb_to_recordset(entries) AS e(
        id uuid, number text, reference text, date date, description text, currency text, created_by_id uuid,
        created_at timestamptz, posted_at timestamptz, reversal_of_id uuid, reversal_reason text, source text,
        requested_date date, lock_exception_id uuid, closing_year smallint, reverse_on date, metadata jsonb,
        lines jsonb)
    CROSS JOIN LATERAL (
        SELECT COALESCE(min(currency) = max(currency), true) AS is_in_one, count(*) AS lines,
            COALESCE(min(currency), e.currency) AS currency, count(base_debit) AS valued,
            COALESCE(sum(debit), 0) AS debit, COALESCE(sum(credit), 0) AS credit,
            sum(base_debit) AS base_debit, sum(base_credit) AS base_credit
        FROM (
            SELECT COALESCE(currency, e.currency) COLLATE "C" AS currency, debit, credit,
                CASE WHEN COALESCE(currency, e.currency) = base THEN debit ELSE base_debit END AS base_debit,
                CASE WHEN COALESCE(currency, e.currency) = base THEN credit ELSE base_credit END AS base_credit
            FROM jsonb_to_recordset(e.lines) AS l(
                currency text, debit numeric(19, 4), credit numeric(19, 4), base_debit numeric(19, 4),
                base_credit numeric(19, 4))
        ) l
    ) t
    WHERE true  -- without it, ON would be taken for a join's
    ON CONFLICT (tenant_id, number) DO NOTHING;
    GET DIAGNOSTICS posted = ROW_COUNT;
    IF posted < jsonb_array_length(entries) THEN
        IF posted = 0 AND jsonb_array_length(entries) = 1 THEN
            RETURN 'taken';
        END IF;
        RAISE unique_violation USING CONSTRAINT = 'ledger_journalentry_number',
            MESSAGE = 'another entry has the number of one of these';
    END IF;

    INSERT INTO ledger_journalline (
        tenant_id, id, entry_id, position, account_id, currency, account_currency, base_currency, date, debit,
        credit, base_debit, base_credit, exchange_rate, description)
    SELECT tenant, l.id, l.entry_id, l.position, l.account_id, l.currency, COALESCE(l.account_currency, l.currency), base,
        l.date, l.debit, l.credit,
        CASE WHEN l.currency = base THEN l.debit ELSE l.base_debit END,
        CASE WHEN l.currency = base THEN l.credit ELSE l.base_credit END,
        CASE WHEN l.currency = base THEN 1 ELSE l.exchange_rate END,
        l.description
    FROM (
        SELECT l.*, e.id AS entry_id, e.date, COALESCE(l.own_currency, e.currency) AS currency
        FROM jsonb_to_recordset(entries) AS e(id uuid, date date, currency text, lines jsonb),
        ROWS FROM (jsonb_to_recordset(e.lines) AS (
            id uuid, account_id uuid, currency text, account_currency text, debit numeric(19, 4),
            credit numeric(19, 4), base_debit numeric(19, 4), base_credit numeric(19, 4),
            exchange_rate numeric(20, 10), description text
        )) WITH ORDINALITY AS l(id, account_id, own_currency, account_currency, debit, credit, base_debit,
            base_credit, exchange_rate, description, position)
    ) l;

    IF entries @? '$[*].attachments[0]' THEN
        INSERT INTO ledger_attachment (tenant_id, id, entry_id, document_id)
        SELECT tenant, a.id, e.id, a.document_id
        FROM jsonb_to_recordset(entries) AS e(id uuid, attachments jsonb),
            jsonb_to_recordset(e.attachments) AS a(id uuid, document_id uuid);
    END IF;

    recorded_at := clock_timestamp();  -- one moment for all: no other one has seen a part of them
    -- A posting alone is told apart by its event; with a document it has the change that the document's rows name.
    INSERT INTO events_pending (
        tenant_id, id, type, object_id, data, api_version, actor, request_id, interface, created_at, change)
    SELECT tenant, v.*, recorded_at, NULLIF(current_setting('app.change', true), '')::uuid
    FROM jsonb_to_recordset(events) AS v(
        id uuid, type text, object_id uuid, data text, api_version text, actor text, request_id text,
        interface text);

    IF posted >= 100 AND ledger_fold_with(entries, base) IS NOT NULL THEN
        RETURN '';
    END IF;
    INSERT INTO ledger_accountbalance AS kept (
        tenant_id, account_id, day, slot, debit, credit, base_debit, base_credit)
    SELECT tenant, m.account_id, m.day, pg_backend_pid() % 16, m.debit, m.credit, m.base_debit, m.base_credit
    FROM ledger_movements(entries, base) m
    ON CONFLICT (tenant_id, account_id, day, slot) DO UPDATE SET
        debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit,
        base_debit = kept.base_debit + excluded.base_debit, base_credit = kept.base_credit + excluded.base_credit;
    RETURN '';
END $$;
GRANT CREATE ON SCHEMA public TO {books};
ALTER FUNCTION ledger_post(jsonb, jsonb) OWNER TO {books};
REVOKE CREATE ON SCHEMA public FROM {books};
REVOKE ALL ON FUNCTION ledger_post(jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_post(jsonb, jsonb) TO {app};

-- Locks number series to the end of the transaction, one lock for each, in the order given. Postings with generated
-- numbers share a series: their numbers come from the counter and differ. A caller's own reference that looks like a
-- number of the series has it alone (`claimed`), so that no generated number meets an entry that is not committed yet.
-- Other references need no lock: two that are equal meet in the unique index.
CREATE OR REPLACE FUNCTION ledger_lock_series(series text[], claimed text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    tenant text := app_tenant();
    one text;
BEGIN
    FOREACH one IN ARRAY series LOOP
        IF one = ANY (claimed) THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(tenant || one, 0));
        ELSE
            PERFORM pg_advisory_xact_lock_shared(hashtextextended(tenant || one, 0));
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger_take_numbers(tenant uuid, wanted_series text, how_many integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE highest bigint;
BEGIN
    PERFORM set_config('app.tenant_id', tenant::text, true);
    PERFORM set_config('synchronous_commit', 'off', true);  -- the entry's own commit takes it along to the disk
    INSERT INTO ledger_journalcounter AS counter (tenant_id, series, last)
    VALUES (tenant, wanted_series, how_many)
    ON CONFLICT (tenant_id, series) DO UPDATE SET last = counter.last + how_many
    RETURNING last INTO highest;
    RETURN highest;
END $$;

-- What entries name, found in one round trip: `wanted` is {account_ids, codes, document_ids,
-- document_references}, the answer {accounts, documents}. An account's `version` names the very row that was
-- read: where it lies and which transaction wrote it. Whoever remembers an account shows it to `ledger_post_if_current`.
CREATE OR REPLACE FUNCTION ledger_resolve(wanted jsonb) RETURNS text
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    tenant uuid := app_tenant();
    names record;
    accounts json;
    documents json := '[]';
BEGIN
    SELECT * INTO names FROM jsonb_to_record(wanted) AS w(
        account_ids uuid[], codes text[], document_ids uuid[], document_references text[]);
    SELECT COALESCE(json_agg(json_build_object(
        'id', id, 'code', code, 'name', name, 'currency', currency, 'is_active', is_active,
        'is_control', control_since IS NOT NULL,
        'version', concat_ws(' ', ctid, xmin))), '[]')
    INTO accounts FROM ledger_account
    WHERE tenant_id = tenant AND (id = ANY (names.account_ids) OR code = ANY (names.codes));
    IF names.document_ids <> '{}' OR names.document_references <> '{}' THEN
        SELECT COALESCE(json_agg(json_build_object('id', id, 'reference', reference)), '[]')
        INTO documents FROM ledger_document
        WHERE tenant_id = tenant AND (id = ANY (names.document_ids) OR reference = ANY (names.document_references));
    END IF;
    RETURN json_build_object('accounts', accounts, 'documents', documents);
END $$;

-- Posts the entries, if what they were made from still holds: their accounts are in the versions that the caller
-- remembers, nobody has the numbers they are to bear, and the books are open on their dates. The answer is nothing, or
-- why nothing was posted, as JSON: "stale", "closed", or the taken numbers.
-- Plans do not depend on how many there are, so they are made once for a connection.
-- Of several entries one may meet a number that another transaction inserts meanwhile; what came before it is undone.
-- A single entry does without the subtransaction that this takes.
CREATE OR REPLACE FUNCTION ledger_post_if_current(
    accounts uuid[], versions text[], series text[], claimed text[], numbers text[], entries jsonb, events jsonb
) RETURNS text
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    tenant uuid := app_tenant();
    answer text := 'taken';
    taken text[];
    violated text;
BEGIN
    IF series <> '{}' THEN
        PERFORM ledger_lock_series(series, claimed);
    END IF;
    IF cardinality(accounts) <> (
        SELECT count(*) FROM ledger_account
        WHERE tenant_id = tenant AND id = ANY (accounts) AND concat_ws(' ', ctid, xmin) = ANY (versions))
    THEN
        RETURN '"stale"';
    END IF;
    IF cardinality(numbers) < 2 THEN
        answer := ledger_post(entries, events);
    ELSIF NOT EXISTS (SELECT FROM ledger_journalentry WHERE tenant_id = tenant AND number = ANY (numbers)) THEN
        BEGIN
            answer := ledger_post(entries, events);
        EXCEPTION WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            IF violated <> 'ledger_journalentry_number' THEN
                RAISE;
            END IF;
        END;
    END IF;
    IF answer = '' THEN
        RETURN '';
    ELSIF answer = 'closed' THEN
        RETURN '"closed"';
    END IF;
    taken := ARRAY(SELECT number FROM ledger_journalentry WHERE tenant_id = tenant AND number = ANY (numbers));
    IF taken = '{}' THEN
        RAISE unique_violation USING CONSTRAINT = 'ledger_journalentry_number',
            MESSAGE = 'another entry has a number that was not among those proposed, or had one of these until now';
    END IF;
    RETURN to_json(taken);
END $$;
