//! The product as people meet it: the shipped binary, a real Chromium, a page at a time.
//!
//! Every test has a product and browsers of its own. With `UNGCUU_TEST_DB=postgres` the product keeps its records in a new
//! database of the server that `UNGCUU_TEST_POSTGRES` names. With `UNGCUU_SCREENSHOTS=FOLDER` pictures of the main pages
//! are put there.

mod access;
mod axe;
mod browser;
mod journey;
mod keyboard;
mod paper;
mod plain;
mod screen;
mod sight;
mod site;
mod together;
