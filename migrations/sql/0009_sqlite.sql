-- Of a receipt only the state may still change, once, to void; of an allocation only that it was
-- undone. Everything else stays.
CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts
WHEN OLD.state <> 'good' OR NEW.state <> 'void'
  OR OLD.id IS NOT NEW.id
  OR OLD.series_id IS NOT NEW.series_id
  OR OLD.serial IS NOT NEW.serial
  OR OLD.code IS NOT NEW.code
  OR OLD.payment_id IS NOT NEW.payment_id
  OR OLD.council_id IS NOT NEW.council_id
  OR OLD.day IS NOT NEW.day
  OR OLD.content IS NOT NEW.content
  OR OLD.content_hash IS NOT NEW.content_hash
  OR OLD.key_id IS NOT NEW.key_id
  OR OLD.signature IS NOT NEW.signature
BEGIN SELECT RAISE(ABORT, 'receipts are sealed'); END
--
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts
BEGIN SELECT RAISE(ABORT, 'receipts are sealed'); END
--
CREATE TRIGGER receipts_no_replace BEFORE INSERT ON receipts
WHEN EXISTS (
  SELECT 1 FROM receipts WHERE id = NEW.id OR code = NEW.code OR payment_id = NEW.payment_id
    OR (series_id = NEW.series_id AND serial = NEW.serial)
)
BEGIN SELECT RAISE(ABORT, 'receipts are sealed'); END
--
CREATE TRIGGER allocations_no_update BEFORE UPDATE ON allocations
WHEN OLD.undone_by IS NOT NULL OR NEW.undone_by IS NULL
  OR OLD.id IS NOT NEW.id
  OR OLD.payment_id IS NOT NEW.payment_id
  OR OLD.charge_id IS NOT NEW.charge_id
  OR OLD.council_id IS NOT NEW.council_id
  OR OLD.amount_minor IS NOT NEW.amount_minor
  OR OLD.entry_id IS NOT NEW.entry_id
  OR OLD.made_at IS NOT NEW.made_at
BEGIN SELECT RAISE(ABORT, 'allocations are sealed'); END
--
CREATE TRIGGER allocations_no_delete BEFORE DELETE ON allocations
BEGIN SELECT RAISE(ABORT, 'allocations are sealed'); END
--
CREATE TRIGGER allocations_no_replace BEFORE INSERT ON allocations
WHEN EXISTS (
  SELECT 1 FROM allocations WHERE id = NEW.id
)
BEGIN SELECT RAISE(ABORT, 'allocations are sealed'); END
