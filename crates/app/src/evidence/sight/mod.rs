//! Looking at evidence without being hurt by it: mails as text, pictures as small copies made elsewhere, samples only as
//! archives with a password.

pub(super) mod archive;
pub(super) mod defang;
pub(super) mod mail;
pub(super) mod picture;
