-- Seals the books and the audit trail. SQLite's REPLACE fires no delete trigger, so an insert that
-- meets a row of the same key is refused as well. Statements are parted by a line of two dashes.
CREATE TRIGGER ledger_entries_insert BEFORE INSERT ON ledger_entries
WHEN NEW.posted <> 0 OR EXISTS (
  SELECT 1 FROM ledger_entries
  WHERE id = NEW.id OR idem_key = NEW.idem_key OR reverses = NEW.reverses
)
BEGIN SELECT RAISE(ABORT, 'an entry begins unposted, under a key of its own'); END
--
CREATE TRIGGER ledger_entries_update BEFORE UPDATE ON ledger_entries
WHEN OLD.posted <> 0 OR NEW.posted <> 1
  OR OLD.id IS NOT NEW.id
  OR OLD.council_id IS NOT NEW.council_id
  OR OLD.kind IS NOT NEW.kind
  OR OLD.idem_key IS NOT NEW.idem_key
  OR OLD.request_hash IS NOT NEW.request_hash
  OR OLD.effective_date IS NOT NEW.effective_date
  OR OLD.recorded_at IS NOT NEW.recorded_at
  OR OLD.actor_kind IS NOT NEW.actor_kind
  OR OLD.actor_id IS NOT NEW.actor_id
  OR OLD.reverses IS NOT NEW.reverses
  OR (SELECT COUNT(*) < 2 OR SUM(amount_minor) <> 0 FROM postings WHERE entry_id = OLD.id)
  OR (SELECT COUNT(DISTINCT a.currency) <> 1 OR SUM(a.council_id <> OLD.council_id) > 0
      FROM postings p JOIN ledger_accounts a ON a.id = p.account_id WHERE p.entry_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'an open entry is posted when it balances, a posted one stays'); END
--
CREATE TRIGGER ledger_entries_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'ledger_entries is append-only'); END
--
CREATE TRIGGER postings_open BEFORE INSERT ON postings
WHEN (SELECT posted FROM ledger_entries WHERE id = NEW.entry_id) IS NOT 0
BEGIN SELECT RAISE(ABORT, 'postings go to an open entry only'); END
--
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END
--
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END
--
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END
--
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END
--
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings
BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END
--
CREATE TRIGGER postings_no_replace BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM postings WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END
--
CREATE TRIGGER ledger_accounts_no_update BEFORE UPDATE ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'ledger_accounts is append-only'); END
--
CREATE TRIGGER ledger_accounts_no_delete BEFORE DELETE ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'ledger_accounts is append-only'); END
--
CREATE TRIGGER ledger_accounts_no_replace BEFORE INSERT ON ledger_accounts
WHEN EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.id OR (council_id = NEW.council_id AND code = NEW.code))
BEGIN SELECT RAISE(ABORT, 'ledger_accounts is append-only'); END
--
CREATE TRIGGER ledger_chain_no_update BEFORE UPDATE ON ledger_chain
BEGIN SELECT RAISE(ABORT, 'ledger_chain is append-only'); END
--
CREATE TRIGGER ledger_chain_no_delete BEFORE DELETE ON ledger_chain
BEGIN SELECT RAISE(ABORT, 'ledger_chain is append-only'); END
--
CREATE TRIGGER ledger_chain_no_replace BEFORE INSERT ON ledger_chain
WHEN EXISTS (SELECT 1 FROM ledger_chain WHERE entry_id = NEW.entry_id OR (council_id = NEW.council_id AND seq = NEW.seq))
BEGIN SELECT RAISE(ABORT, 'ledger_chain is append-only'); END
--
CREATE TRIGGER daily_heads_no_update BEFORE UPDATE ON daily_heads
BEGIN SELECT RAISE(ABORT, 'daily_heads is append-only'); END
--
CREATE TRIGGER daily_heads_no_delete BEFORE DELETE ON daily_heads
BEGIN SELECT RAISE(ABORT, 'daily_heads is append-only'); END
--
CREATE TRIGGER daily_heads_no_replace BEFORE INSERT ON daily_heads
WHEN EXISTS (SELECT 1 FROM daily_heads WHERE council_id = NEW.council_id AND day = NEW.day)
BEGIN SELECT RAISE(ABORT, 'daily_heads is append-only'); END
--
CREATE TRIGGER signing_keys_no_update BEFORE UPDATE ON signing_keys
BEGIN SELECT RAISE(ABORT, 'signing_keys is append-only'); END
--
CREATE TRIGGER signing_keys_no_delete BEFORE DELETE ON signing_keys
BEGIN SELECT RAISE(ABORT, 'signing_keys is append-only'); END
--
CREATE TRIGGER signing_keys_no_replace BEFORE INSERT ON signing_keys
WHEN EXISTS (SELECT 1 FROM signing_keys WHERE key_id = NEW.key_id)
BEGIN SELECT RAISE(ABORT, 'signing_keys is append-only'); END
