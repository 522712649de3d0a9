-- Up to which event every look that began has its outcome or its reconciliation (internal/reconcile): a start reads the trail from there.
ALTER TABLE oversight.progress ADD COLUMN settled bigint NOT NULL DEFAULT 0;
GRANT UPDATE (settled) ON oversight.progress TO ribble_app;
