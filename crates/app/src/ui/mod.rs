//! What people see: the frame of every page, the parts it is built from, and the files the browser fetches.
//!
//! A part is a small struct with its own template under `parts/`, built through a method of [`Page`] and printed with
//! `{{ … }}`. Everything that comes from people is escaped by the template; there is no way to pass ready-made markup in.
//! Every part in every state stands on one page, `/ui` ([`gallery`]), which is also where to look up how to use it.
//!
//! No style attribute and no inline script anywhere: the Content-Security-Policy forbids them. Charts and progress bars are
//! SVG with attributes.

pub mod assets;
pub mod chart;
#[cfg(test)]
mod checks;
pub mod chips;
pub mod choices;
pub mod clock;
mod drawn;
mod error;
pub mod field;
pub mod form;
pub mod frame;
pub mod gallery;
pub mod given;
pub mod icon;
pub mod link;
pub mod list;
pub mod messages;
pub mod rail;
pub mod refusal;
pub mod tabs;
pub mod timeline;
pub mod words;

pub use chips::Tone;
pub use drawn::Drawn;
pub use error::error_page;
pub use gallery::feature;
pub use rail::{RailStep, StepState};
pub use tabs::Tab;
pub use timeline::Event;

#[cfg(doc)]
use crate::page::Page;
