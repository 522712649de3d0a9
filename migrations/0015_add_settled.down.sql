ALTER TABLE oversight.progress DROP COLUMN settled;
