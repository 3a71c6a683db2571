//! The shell of a seat on this terminal: keys go out, bytes come in untouched, and whatever happens the terminal
//! is left as it was found.
//!
//! Everything that depends on the operating system is in [`unix`].

mod backlog;
mod detach;
mod modes;
mod seat;
mod session;
pub mod unix;

pub use detach::{DetachKeys, NotKeys};
pub use seat::RealSeat;
pub use session::{End, Ending, OpenProblem, Opened, Seat, SeatInput, SeatKeeper, SeatOutput, Settings, run};
