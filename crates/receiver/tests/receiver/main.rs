//! Receivers in this process and beside it, the client of `export`, and what can go wrong between them.
#![expect(clippy::unwrap_used, reason = "the helpers of these tests fail loudly")]

mod api;
mod clients;
mod crashes;
mod kit;
mod line;
mod openapi;
mod readable;
mod uploads;
