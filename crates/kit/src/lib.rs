//! Plumbing without a product. Nothing in here knows what an incident is.

#[macro_use]
pub mod text;
pub mod archive;
pub mod blobs;
pub mod chance;
pub mod db;
pub mod error;
pub mod form;
pub mod id;
pub mod mail;
pub mod outside;
pub mod password;
pub mod picture;
pub mod time;

pub use error::{Error, Result};
