-- Of a receipt only the state may still change, once, to void; of an allocation only that it was
-- undone. Everything else stays.
CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts FOR EACH ROW
  WHEN (OLD.state <> 'good' OR NEW.state <> 'void'
    OR OLD.id IS DISTINCT FROM NEW.id
    OR OLD.series_id IS DISTINCT FROM NEW.series_id
    OR OLD.serial IS DISTINCT FROM NEW.serial
    OR OLD.code IS DISTINCT FROM NEW.code
    OR OLD.payment_id IS DISTINCT FROM NEW.payment_id
    OR OLD.council_id IS DISTINCT FROM NEW.council_id
    OR OLD.day IS DISTINCT FROM NEW.day
    OR OLD.content IS DISTINCT FROM NEW.content
    OR OLD.content_hash IS DISTINCT FROM NEW.content_hash
    OR OLD.key_id IS DISTINCT FROM NEW.key_id
    OR OLD.signature IS DISTINCT FROM NEW.signature)
  EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER receipts_truncate BEFORE TRUNCATE ON receipts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER allocations_no_update BEFORE UPDATE ON allocations FOR EACH ROW
  WHEN (OLD.undone_by IS NOT NULL OR NEW.undone_by IS NULL
    OR OLD.id IS DISTINCT FROM NEW.id
    OR OLD.payment_id IS DISTINCT FROM NEW.payment_id
    OR OLD.charge_id IS DISTINCT FROM NEW.charge_id
    OR OLD.council_id IS DISTINCT FROM NEW.council_id
    OR OLD.amount_minor IS DISTINCT FROM NEW.amount_minor
    OR OLD.entry_id IS DISTINCT FROM NEW.entry_id
    OR OLD.made_at IS DISTINCT FROM NEW.made_at)
  EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER allocations_no_delete BEFORE DELETE ON allocations
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
--
CREATE TRIGGER allocations_truncate BEFORE TRUNCATE ON allocations
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
