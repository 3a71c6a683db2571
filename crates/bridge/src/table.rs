//! The form of the tables: one entry for each command or stream, from which its dispatch, its name and its TypeScript
//! come, so that they cannot differ.

use api::{Code, Error};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads arguments; null is none at all.
pub(crate) fn take<A: DeserializeOwned>(name: &str, arguments: Value) -> Result<A, Error> {
    let arguments = if arguments.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        arguments
    };
    serde_json::from_value(arguments).map_err(|error| {
        Error::new(
            Code::Usage,
            format!("the arguments of `{name}` are not understood: {error}"),
        )
    })
}

/// Writes a result or an item.
pub(crate) fn give<R: Serialize>(result: &R) -> Result<Value, Error> {
    serde_json::to_value(result)
        .map_err(|error| Error::new(Code::Usage, format!("a result cannot be written: {error}")))
}

pub(crate) fn unknown(what: &str, name: &str) -> Error {
    Error::new(Code::Usage, format!("there is no {what} `{name}`"))
        .hint("the window and the program behind it are of different versions; install Taskwright again")
}

/// `name(argument: Type, …) -> Result = |app| expression;` for each command.
macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident ( $($argument:ident : $type:ty),* ) -> $result:ty = |$app:ident| $body:expr; )*) => {
        /// The names of all commands.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),*];

        pub(crate) async fn call(app: &$crate::App, command: &str, arguments: serde_json::Value) -> Result<serde_json::Value, api::Error> {
            match command {
                $( stringify!($name) => {
                    #[derive(serde::Deserialize)]
                    #[serde(rename_all = "camelCase")]
                    struct Arguments { $($argument: $type),* }
                    let Arguments { $($argument),* } = $crate::table::take(command, arguments)?;
                    let $app = app;
                    let work = async move { let result: Result<$result, api::Error> = $body; result };
                    $crate::table::give(&Box::pin(work).await?)
                } )*
                other => Err($crate::table::unknown("command", other)),
            }
        }

        pub(crate) fn describe(types: &mut $crate::codegen::Types) -> Vec<$crate::codegen::Entry> {
            vec![$( $crate::codegen::Entry {
                name: stringify!($name),
                arguments: vec![$((stringify!($argument), types.name::<$type>())),*],
                item: None,
                result: types.name::<$result>(),
            } ),*]
        }
    };
}

/// `name(argument: Type, …) => Item, Result = |app, items, cancel| expression;` for each stream.
macro_rules! streams {
    ($( $(#[$doc:meta])* $name:ident ( $($argument:ident : $type:ty),* ) => $item:ty, $result:ty = |$app:ident, $items:ident, $cancel:ident| $body:expr; )*) => {
        /// The names of all streams.
        pub const STREAMS: &[&str] = &[$(stringify!($name)),*];

        pub(crate) async fn run(
            app: &$crate::App,
            stream: &str,
            arguments: serde_json::Value,
            cancel: tokio_util::sync::CancellationToken,
            item: &(dyn Fn(serde_json::Value) -> bool + Send + Sync),
        ) -> Result<serde_json::Value, api::Error> {
            match stream {
                $( stringify!($name) => {
                    #[derive(serde::Deserialize)]
                    #[serde(rename_all = "camelCase")]
                    struct Arguments { $($argument: $type),* }
                    let Arguments { $($argument),* } = $crate::table::take(stream, arguments)?;
                    let $app = app;
                    let ($items, receiver) = tokio::sync::mpsc::channel::<$item>($crate::streams::AHEAD);
                    let $cancel = cancel;
                    let work = async move { let result: Result<$result, api::Error> = $body; result };
                    let (result, ()) = tokio::join!(Box::pin(work), $crate::streams::forward(receiver, item));
                    $crate::table::give(&result?)
                } )*
                other => Err($crate::table::unknown("stream", other)),
            }
        }

        pub(crate) fn describe(types: &mut $crate::codegen::Types) -> Vec<$crate::codegen::Entry> {
            vec![$( $crate::codegen::Entry {
                name: stringify!($name),
                arguments: vec![$((stringify!($argument), types.name::<$type>())),*],
                item: Some(types.name::<$item>()),
                result: types.name::<$result>(),
            } ),*]
        }
    };
}

pub(crate) use {commands, streams};
