-- Bundles on their way in, and what was published. Times are milliseconds since 1970.
CREATE TABLE uploads (
  id        TEXT PRIMARY KEY,
  owner     TEXT NOT NULL,
  key       TEXT NOT NULL,
  task      TEXT NOT NULL,
  version   TEXT NOT NULL,
  sha256    TEXT NOT NULL,
  size      INTEGER NOT NULL CHECK (size > 0),
  received  INTEGER NOT NULL CHECK (received BETWEEN 0 AND size),
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  touched   INTEGER NOT NULL,
  UNIQUE (owner, key)
) STRICT;

CREATE INDEX uploads_by_age ON uploads (touched);

CREATE TABLE versions (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  task         TEXT NOT NULL,
  version      TEXT NOT NULL,
  sha256       TEXT NOT NULL,
  size         INTEGER NOT NULL,
  published_by TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  UNIQUE (task, version)
) STRICT;
