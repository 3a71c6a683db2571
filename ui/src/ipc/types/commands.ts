// The list of commands and streams with what they take and give: the whole surface between the window and Rust.
import type { Commands, Streams } from './generated';

export type { Commands, Streams };
export type CommandName = keyof Commands;
export type StreamName = keyof Streams;
