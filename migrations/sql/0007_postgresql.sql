-- Seals the books and the audit trail. Row triggers do not see TRUNCATE: it has triggers of its own.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only',
    ERRCODE = 'integrity_constraint_violation';
END $$
--
CREATE FUNCTION begin_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.posted THEN
    RAISE EXCEPTION 'an entry begins unposted'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
--
CREATE FUNCTION post_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lines bigint; total numeric; currencies bigint; strangers bigint;
BEGIN
  IF OLD.posted OR NOT NEW.posted
    OR OLD.id IS DISTINCT FROM NEW.id
    OR OLD.council_id IS DISTINCT FROM NEW.council_id
    OR OLD.kind IS DISTINCT FROM NEW.kind
    OR OLD.idem_key IS DISTINCT FROM NEW.idem_key
    OR OLD.request_hash IS DISTINCT FROM NEW.request_hash
    OR OLD.effective_date IS DISTINCT FROM NEW.effective_date
    OR OLD.recorded_at IS DISTINCT FROM NEW.recorded_at
    OR OLD.actor_kind IS DISTINCT FROM NEW.actor_kind
    OR OLD.actor_id IS DISTINCT FROM NEW.actor_id
    OR OLD.reverses IS DISTINCT FROM NEW.reverses
  THEN
    RAISE EXCEPTION 'a posted entry stays as it is'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT COUNT(*), SUM(p.amount_minor), COUNT(DISTINCT a.currency),
      COUNT(*) FILTER (WHERE a.council_id <> OLD.council_id)
    INTO lines, total, currencies, strangers
    FROM postings p JOIN ledger_accounts a ON a.id = p.account_id
    WHERE p.entry_id = OLD.id;
  IF lines < 2 OR total <> 0 OR currencies <> 1 OR strangers > 0 THEN
    RAISE EXCEPTION 'an open entry is posted when it balances'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
--
CREATE FUNCTION add_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT posted FROM ledger_entries WHERE id = NEW.entry_id) IS DISTINCT FROM false THEN
    RAISE EXCEPTION 'postings go to an open entry only'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
--
CREATE TRIGGER ledger_entries_insert BEFORE INSERT ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION begin_entry()
--
CREATE TRIGGER ledger_entries_update BEFORE UPDATE ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION post_entry()
--
CREATE TRIGGER ledger_entries_delete BEFORE DELETE ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER ledger_entries_truncate BEFORE TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER postings_open BEFORE INSERT ON postings
  FOR EACH ROW EXECUTE FUNCTION add_posting()
--
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE ON postings
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER postings_truncate BEFORE TRUNCATE ON postings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER ledger_accounts_append_only BEFORE UPDATE OR DELETE ON ledger_accounts
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER ledger_accounts_truncate BEFORE TRUNCATE ON ledger_accounts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER ledger_chain_append_only BEFORE UPDATE OR DELETE ON ledger_chain
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER ledger_chain_truncate BEFORE TRUNCATE ON ledger_chain
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER daily_heads_append_only BEFORE UPDATE OR DELETE ON daily_heads
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER daily_heads_truncate BEFORE TRUNCATE ON daily_heads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER signing_keys_append_only BEFORE UPDATE OR DELETE ON signing_keys
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER signing_keys_truncate BEFORE TRUNCATE ON signing_keys
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
