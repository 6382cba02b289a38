//! Time-stamps by an authority outside (RFC 3161): the request, and the check of what came back.
//!
//! The authority signs the hash of a checkpoint together with its own clock. So a checkpoint, and every entry behind it,
//! is known to have been there at that moment, even if this installation's clock or key cannot be believed.

mod client;
mod der;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::DateTime;
use ring::digest;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use ungcuu_kit::chance;
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::time::Time;
use webpki::ring as algorithms;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use self::der::{BOOLEAN, Der, Element, INTEGER, OCTETS, OID, SEQUENCE, SET, TIME, element, inside};
use super::store::{self, Stamp};
use crate::actor::Actor;
use crate::app::App;

/// Whom to ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Authority {
    /// `http://…`: the answer is signed, so the way need not be.
    pub url: String,
    /// Certificates that are trusted to speak for it, as DER.
    pub trusted: Vec<Vec<u8>>,
}

/// What a time-stamp says.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamped {
    pub at: Time,
    /// The name in the certificate of whoever signed.
    pub authority: String,
}

/// Why a time-stamp is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    #[error("the authority refused")]
    Refused,
    #[error("not a time-stamp")]
    Unreadable,
    #[error("the time-stamp is of something else")]
    OtherHash,
    #[error("the answer is to another question")]
    OtherNonce,
    #[error("the signature does not fit")]
    Unsigned,
    #[error("the signer's certificate is not of a trusted authority")]
    Untrusted,
}

const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const STAMP_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0c];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `id-kp-timeStamping`: what the signer's certificate must be for.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// Has the last checkpoint time-stamped, if an authority is set and it is not yet.
pub async fn stamp_last(app: &App) -> Result<()> {
    let Some(authority) = &app.settings.timestamps else { return Ok(()) };
    let mut tx = app.db.read().await?;
    let Some(last) = store::find_last(&mut tx).await? else { return Ok(()) };
    if !store::list_stamps(&mut tx, last.number, last.number).await?.is_empty() {
        return Ok(());
    }
    drop(tx);
    let hash = hex::decode(&last.hash).map_err(Error::internal)?;
    let nonce = hex::decode(&chance::secret()[..16]).map_err(Error::internal)?;
    let answer = client::ask(&authority.url, request(&hash, &nonce)).await?;
    let token = token_of(&answer).map_err(Error::internal)?;
    let stamped = check(token, &hash, Some(&nonce), &authority.trusted).map_err(Error::internal)?;
    let mut work = app.work(Actor::system()).await?;
    let stamp = Stamp {
        id: last.id(),
        checkpoint: last.number,
        at: stamped.at,
        authority: stamped.authority,
        token: STANDARD.encode(token),
    };
    store::insert_stamp(&mut work.tx, &stamp).await?;
    work.commit().await
}

/// Asks for a time-stamp of a SHA-256, with the certificate of whoever signs.
pub fn request(hash: &[u8], nonce: &[u8]) -> Vec<u8> {
    let algorithm = element(SEQUENCE, &[&element(OID, &[SHA256]), &[0x05, 0x00]]);
    let imprint = element(SEQUENCE, &[&algorithm, &element(OCTETS, &[hash])]);
    element(
        SEQUENCE,
        &[&element(INTEGER, &[&[1]]), &imprint, &element(INTEGER, &[&positive(nonce)]), &element(BOOLEAN, &[&[0xff]])],
    )
}

/// The shortest spelling of a positive number.
fn positive(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let mut number = bytes[start..].to_vec();
    if number.first().is_none_or(|first| *first >= 0x80) {
        number.insert(0, 0);
    }
    number
}

/// The time-stamp within an authority's answer.
pub fn token_of(answer: &[u8]) -> Result<&[u8], Doubt> {
    let read = || {
        let mut response = Der(answer).one(SEQUENCE)?.open();
        let status = response.one(SEQUENCE)?.open().one(INTEGER)?.content;
        Some((status, response.optional(SEQUENCE)))
    };
    match read().ok_or(Doubt::Unreadable)? {
        // Granted, or granted with changes.
        ([0 | 1], Some(token)) => Ok(token.whole),
        _ => Err(Doubt::Refused),
    }
}

/// The parts of a time-stamp that are checked.
struct Parts<'a> {
    info: &'a [u8],
    certificates: Vec<CertificateDer<'a>>,
    digest: &'a [u8],
    /// The signed attributes, content only and as they stood.
    attributes: Element<'a>,
    signature: &'a [u8],
}

fn parts(token: &[u8]) -> Option<Parts<'_>> {
    let mut whole = Der(token);
    let mut content = whole.one(SEQUENCE)?.open();
    if !whole.0.is_empty() || content.one(OID)?.content != SIGNED_DATA {
        return None;
    }
    let mut signed = content.one(inside(0))?.open().one(SEQUENCE)?.open();
    signed.one(INTEGER)?;
    signed.one(SET)?;
    let mut inner = signed.one(SEQUENCE)?.open();
    if inner.one(OID)?.content != STAMP_INFO {
        return None;
    }
    let info = inner.one(inside(0))?.open().one(OCTETS)?.content;
    let mut certificates = Vec::new();
    if let Some(set) = signed.optional(inside(0)) {
        let mut set = set.open();
        // No authority's chain is longer.
        while let (Some(certificate), true) = (set.any(), certificates.len() < 20) {
            certificates.push(CertificateDer::from(certificate.whole));
        }
    }
    signed.optional(inside(1));
    let mut signer = signed.one(SET)?.open().one(SEQUENCE)?.open();
    signer.one(INTEGER)?;
    // Who signed; found by trying, below.
    signer.any()?;
    let digest = signer.one(SEQUENCE)?.open().one(OID)?.content;
    let attributes = signer.one(inside(0))?;
    signer.one(SEQUENCE)?;
    let signature = signer.one(OCTETS)?.content;
    Some(Parts { info, certificates, digest, attributes, signature })
}

/// The one value of a signed attribute; none when it stands twice or not at all.
fn attribute<'a>(attributes: &Element<'a>, name: &[u8]) -> Option<Element<'a>> {
    let mut all = attributes.open();
    let mut found = None;
    while let Some(attribute) = all.any() {
        let mut parts = attribute.open();
        if parts.one(OID)?.content == name {
            let mut values = parts.one(SET)?.open();
            let value = values.any()?;
            if found.is_some() || !values.0.is_empty() {
                return None;
            }
            found = Some(value);
        }
    }
    found
}

/// What a time-stamp says about a SHA-256, once everything about it was checked: what it is of, the question it answers,
/// the signature, and, when any certificate is trusted, that the signer's was issued by it for time-stamping. Validity is
/// asked for the moment of the time-stamp.
pub fn check(token: &[u8], hash: &[u8], nonce: Option<&[u8]>, trusted: &[Vec<u8>]) -> Result<Stamped, Doubt> {
    let parts = parts(token).ok_or(Doubt::Unreadable)?;
    let info = info(parts.info).ok_or(Doubt::Unreadable)?;
    if info.algorithm != SHA256 || info.hash != hash {
        return Err(Doubt::OtherHash);
    }
    if nonce.is_some_and(|nonce| info.nonce != Some(positive(nonce).as_slice())) {
        return Err(Doubt::OtherNonce);
    }
    let signer = signer(&parts).ok_or(Doubt::Unsigned)?;
    let certificate = EndEntityCert::try_from(signer).map_err(|_| Doubt::Unsigned)?;
    if !trusted.is_empty() {
        let trusted: Vec<CertificateDer<'_>> = trusted.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let anchors: Vec<_> = trusted.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
        let seconds = u64::try_from(info.at.0 / 1_000_000).map_err(|_| Doubt::Unreadable)?;
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        certificate
            .verify_for_usage(ALL, &anchors, &parts.certificates, at, KeyUsage::required(TIME_STAMPING), None, None)
            .map_err(|_| Doubt::Untrusted)?;
    }
    Ok(Stamped { at: info.at, authority: common_name(certificate.subject()) })
}

/// The statement of a time-stamp.
struct Info<'a> {
    algorithm: &'a [u8],
    hash: &'a [u8],
    at: Time,
    nonce: Option<&'a [u8]>,
}

fn info(bytes: &[u8]) -> Option<Info<'_>> {
    let mut info = Der(bytes).one(SEQUENCE)?.open();
    info.one(INTEGER)?;
    info.one(OID)?;
    let mut imprint = info.one(SEQUENCE)?.open();
    let algorithm = imprint.one(SEQUENCE)?.open().one(OID)?.content;
    let hash = imprint.one(OCTETS)?.content;
    info.one(INTEGER)?;
    let at = moment(info.one(TIME)?.content)?;
    info.optional(SEQUENCE);
    info.optional(BOOLEAN);
    let nonce = info.optional(INTEGER).map(|nonce| nonce.content);
    Some(Info { algorithm, hash, at, nonce })
}

/// `20261127143000Z`, with or without a fraction.
fn moment(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let moment = DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    let zoned = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let micros = format!("{fraction:0<6}").get(..6)?.parse::<i64>().ok()?;
    Some(Time(zoned.timestamp().as_microsecond()).plus(micros))
}

/// The certificate among those sent along whose key made the signature, and that the signature itself names.
fn signer<'a>(parts: &'a Parts<'_>) -> Option<&'a CertificateDer<'a>> {
    let (hash, candidates): (_, &[&dyn SignatureVerificationAlgorithm]) = match parts.digest {
        SHA256 => (
            &digest::SHA256,
            &[
                algorithms::RSA_PKCS1_2048_8192_SHA256,
                algorithms::ECDSA_P256_SHA256,
                algorithms::ECDSA_P384_SHA256,
                algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
            ],
        ),
        SHA384 => (
            &digest::SHA384,
            &[
                algorithms::RSA_PKCS1_2048_8192_SHA384,
                algorithms::ECDSA_P384_SHA384,
                algorithms::ECDSA_P256_SHA384,
                algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
            ],
        ),
        SHA512 => (
            &digest::SHA512,
            &[
                algorithms::RSA_PKCS1_2048_8192_SHA512,
                algorithms::ED25519,
                algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
            ],
        ),
        _ => return None,
    };
    let kind = attribute(&parts.attributes, CONTENT_TYPE)?;
    let digested = attribute(&parts.attributes, MESSAGE_DIGEST)?;
    if kind.content != STAMP_INFO || digested.content != digest::digest(hash, parts.info).as_ref() {
        return None;
    }
    // The signature is over the attributes as a set of their own.
    let signed = element(SET, &[parts.attributes.content]);
    parts.certificates.iter().find(|certificate| {
        let Ok(read) = EndEntityCert::try_from(*certificate) else { return false };
        is_named(parts, certificate)
            && candidates.iter().any(|algorithm| read.verify_signature(*algorithm, &signed, parts.signature).is_ok())
    })
}

/// Whether the signed attributes name this certificate (RFC 5035, RFC 3161 part 2.4.2), so that another one with the same
/// key cannot take its place.
fn is_named(parts: &Parts<'_>, certificate: &[u8]) -> bool {
    let named = |name| {
        let list = attribute(&parts.attributes, name)?.open().one(SEQUENCE)?;
        let mut first = list.open().one(SEQUENCE)?.open();
        let algorithm = first.optional(SEQUENCE).and_then(|algorithm| Some(algorithm.open().one(OID)?.content));
        Some((algorithm, first.one(OCTETS)?.content))
    };
    let same = |algorithm, hash: &[u8]| digest::digest(algorithm, certificate).as_ref() == hash;
    match (named(SIGNING_CERTIFICATE_V2), named(SIGNING_CERTIFICATE)) {
        (Some((None | Some(SHA256), hash)), _) => same(&digest::SHA256, hash),
        (Some((Some(SHA384), hash)), _) => same(&digest::SHA384, hash),
        (Some((Some(SHA512), hash)), _) => same(&digest::SHA512, hash),
        (None, Some((_, hash))) => same(&digest::SHA1_FOR_LEGACY_USE_ONLY, hash),
        _ => false,
    }
}

/// What certificates on the way to a trusted one may be signed with.
static ALL: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ED25519,
];

/// The common name of a subject, at most 200 letters, plain.
fn common_name(subject: &[u8]) -> String {
    let mut sets = Der(subject);
    let mut name = String::new();
    while let Some(set) = sets.any() {
        let Some(pair) = set.open().any() else { continue };
        let mut pair = pair.open();
        if pair.one(OID).is_some_and(|oid| oid.content == COMMON_NAME)
            && let Some(value) = pair.any()
        {
            name = String::from_utf8_lossy(value.content).chars().filter(|sign| !sign.is_control()).take(200).collect();
        }
    }
    name
}

/// The certificates in a PEM file, as DER.
pub fn read_certificates(pem: &str) -> Vec<Vec<u8>> {
    let blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    let bodies = blocks.filter_map(|block| block.split("-----END").next());
    bodies.filter_map(|body| STANDARD.decode(body.split_whitespace().collect::<String>()).ok()).collect()
}
