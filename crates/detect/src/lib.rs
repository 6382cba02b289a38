//! Reads signs of attack out of what people and machines write. Knows no database, no network and no clock, so that
//! others can use it as a library.

pub mod engine;
pub mod event;
pub mod evtx;
mod folders;
pub mod hunt;
pub mod indicator;
pub mod lines;
#[cfg(feature = "yara")]
pub mod mail;
mod ordered;
pub mod sigma;
#[cfg(feature = "yara")]
pub mod sweep;

/// The examples of the README are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
