-- Sessions that another system opened with one person in context. Which person stands in sealed handles only, never here.
ALTER TABLE portal.session ADD COLUMN in_context boolean NOT NULL DEFAULT false;
