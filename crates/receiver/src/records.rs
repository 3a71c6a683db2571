//! What is on its way and what is published, in SQLite. Each call is one transaction, on disk when it returns.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqlSafeStr};

/// For another connection that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// An upload as it is recorded.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) announced: Announced,
    pub(crate) received: u64,
    pub(crate) is_published: bool,
    pub(crate) touched: i64,
}

/// What a client said it would send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) task: String,
    pub(crate) version: String,
    pub(crate) sha256: String,
    pub(crate) size: u64,
}

/// A version as it is recorded.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) number: i64,
    pub(crate) announced: Announced,
    pub(crate) published_at: i64,
}

/// A new upload, and who begins it under which key.
pub(crate) struct Beginning<'a> {
    pub(crate) id: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) key: &'a str,
    pub(crate) announced: &'a Announced,
    pub(crate) received: u64,
    pub(crate) is_published: bool,
    /// Uploads that the owner may have open.
    pub(crate) limit: u32,
}

/// What came of making an upload a version.
pub(crate) enum Publishing {
    Done(Version),
    /// The version is another bundle.
    Taken(Version),
}

#[derive(Debug, Clone)]
pub(crate) struct Records(SqlitePool);

impl Records {
    pub(crate) async fn open(path: &Path) -> Result<Self, MigrateError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What a client was told is true after a loss of power as well.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE);
        let pool = SqlitePoolOptions::new().max_connections(4);
        let pool = pool.connect_with(options).await?;
        Migrator::with_migrations(migrations()).run(&pool).await?;
        Ok(Self(pool))
    }

    pub(crate) async fn close(&self) {
        self.0.close().await;
    }

    /// Records a new upload, unless its key is taken or its owner has too many open: then the answer is `false`.
    pub(crate) async fn begin(&self, new: &Beginning<'_>) -> sqlx::Result<bool> {
        let done = sqlx::query(
            "INSERT INTO uploads (id, owner, key, task, version, sha256, size, received, published, touched)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
             WHERE ?9 OR (SELECT count(*) FROM uploads WHERE owner = ?2 AND published = 0) < ?11
             ON CONFLICT (owner, key) DO NOTHING",
        )
        .bind(new.id)
        .bind(new.owner)
        .bind(new.key)
        .bind(&new.announced.task)
        .bind(&new.announced.version)
        .bind(&new.announced.sha256)
        .bind(stored(new.announced.size))
        .bind(stored(new.received))
        .bind(new.is_published)
        .bind(now())
        .bind(new.limit)
        .execute(&self.0)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(crate) async fn upload(&self, owner: &str, id: &str) -> sqlx::Result<Option<Upload>> {
        let query = sqlx::query("SELECT * FROM uploads WHERE owner = ? AND id = ?");
        let row = query.bind(owner).bind(id).fetch_optional(&self.0).await?;
        row.map(|row| upload(&row)).transpose()
    }

    pub(crate) async fn by_key(&self, owner: &str, key: &str) -> sqlx::Result<Option<Upload>> {
        let query = sqlx::query("SELECT * FROM uploads WHERE owner = ? AND key = ?");
        let row = query.bind(owner).bind(key).fetch_optional(&self.0).await?;
        row.map(|row| upload(&row)).transpose()
    }

    /// Uploads that nobody touched since.
    pub(crate) async fn older_than(&self, time: i64) -> sqlx::Result<Vec<Upload>> {
        let query = sqlx::query("SELECT * FROM uploads WHERE touched < ?");
        let rows = query.bind(time).fetch_all(&self.0).await?;
        rows.iter().map(upload).collect()
    }

    pub(crate) async fn is_known(&self, id: &str) -> sqlx::Result<bool> {
        let query = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM uploads WHERE id = ?)");
        query.bind(id).fetch_one(&self.0).await
    }

    /// Records how much of an upload is on disk.
    pub(crate) async fn received(&self, id: &str, received: u64) -> sqlx::Result<()> {
        let query = sqlx::query("UPDATE uploads SET received = ?, touched = ? WHERE id = ?");
        query
            .bind(stored(received))
            .bind(now())
            .bind(id)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    pub(crate) async fn forget(&self, id: &str) -> sqlx::Result<()> {
        let query = sqlx::query("DELETE FROM uploads WHERE id = ?");
        query.bind(id).execute(&self.0).await?;
        Ok(())
    }

    /// Makes a version of an upload whose bytes are stored.
    pub(crate) async fn publish(&self, owner: &str, upload: &Upload) -> sqlx::Result<Publishing> {
        let announced = &upload.announced;
        let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO versions (task, version, sha256, size, published_by, published_at)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (task, version) DO NOTHING",
        )
        .bind(&announced.task)
        .bind(&announced.version)
        .bind(&announced.sha256)
        .bind(stored(announced.size))
        .bind(owner)
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        let query = sqlx::query("SELECT * FROM versions WHERE task = ? AND version = ?");
        let query = query.bind(&announced.task).bind(&announced.version);
        let version = version(&query.fetch_one(&mut *transaction).await?)?;
        if version.announced.sha256 != announced.sha256 {
            return Ok(Publishing::Taken(version));
        }
        let query =
            sqlx::query("UPDATE uploads SET published = 1, received = size, touched = ? WHERE id = ?");
        query
            .bind(now())
            .bind(&upload.id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Publishing::Done(version))
    }

    pub(crate) async fn version(&self, task: &str, name: &str) -> sqlx::Result<Option<Version>> {
        let query = sqlx::query("SELECT * FROM versions WHERE task = ? AND version = ?");
        let row = query.bind(task).bind(name).fetch_optional(&self.0).await?;
        row.map(|row| version(&row)).transpose()
    }

    /// Versions of a task older than a number, newest first.
    pub(crate) async fn versions(&self, task: &str, before: i64, limit: u32) -> sqlx::Result<Vec<Version>> {
        let query =
            sqlx::query("SELECT * FROM versions WHERE task = ? AND number < ? ORDER BY number DESC LIMIT ?");
        let rows = query
            .bind(task)
            .bind(before)
            .bind(limit)
            .fetch_all(&self.0)
            .await?;
        rows.iter().map(version).collect()
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A new file in `migrations/` gets a line here; one that was released never changes.
fn migrations() -> Vec<Migration> {
    vec![Migration::new(
        1,
        "uploads and versions".into(),
        MigrationType::Simple,
        include_str!("../migrations/1_uploads_and_versions.sql").into_sql_str(),
        false,
    )]
}

/// Sizes are far below what SQLite's integers hold; what is not is refused before.
fn stored(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn size(row: &SqliteRow, column: &str) -> sqlx::Result<u64> {
    let size: i64 = row.try_get(column)?;
    u64::try_from(size).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn upload(row: &SqliteRow) -> sqlx::Result<Upload> {
    Ok(Upload {
        id: row.try_get("id")?,
        announced: announced(row)?,
        received: size(row, "received")?,
        is_published: row.try_get("published")?,
        touched: row.try_get("touched")?,
    })
}

fn version(row: &SqliteRow) -> sqlx::Result<Version> {
    Ok(Version {
        number: row.try_get("number")?,
        announced: announced(row)?,
        published_at: row.try_get("published_at")?,
    })
}

fn announced(row: &SqliteRow) -> sqlx::Result<Announced> {
    Ok(Announced {
        task: row.try_get("task")?,
        version: row.try_get("version")?,
        sha256: row.try_get("sha256")?,
        size: size(row, "size")?,
    })
}
