//! A file of native code, as bytes: what it begins with, its authentication code, and what that
//! covers.

use super::signature::Signature;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How a file begins.
const MAGIC: &[u8] = b"chaos-wasm native code\n";

const MAC_BYTES: usize = 32;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// What was sealed. Nothing of it was looked at before it was known to be authentic.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened<'b> {
    /// What the code offers.
    pub signature: Signature,
    /// To be executed as it is.
    pub code: &'b [u8],
}

/// The bytes of a file: native code and its signature, authenticated under a key and the name that
/// it is kept by.
///
/// # Errors
/// The signature cannot be written, or is longer than a file has room for.
pub fn seal(
    key: &[u8; KEY_BYTES],
    name: &str,
    signature: &Signature,
    code: &[u8],
) -> std::io::Result<Vec<u8>> {
    let signature = serde_json::to_vec(signature)?;
    let length = u32::try_from(signature.len()).map_err(std::io::Error::other)?;
    let start = MAGIC.len() + MAC_BYTES;
    let mut bytes = Vec::with_capacity(start + 4 + signature.len() + code.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[0; MAC_BYTES]);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&signature);
    bytes.extend_from_slice(code);
    let (head, rest) = bytes.split_at_mut(start);
    let code = mac(key, name, rest).finalize().into_bytes();
    head[MAGIC.len()..].copy_from_slice(&code);
    Ok(bytes)
}

/// What was sealed under this key and name; nothing when a bit is another.
pub fn open<'b>(key: &[u8; KEY_BYTES], name: &str, bytes: &'b [u8]) -> Option<Opened<'b>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (code, rest) = rest.split_at_checked(MAC_BYTES)?;
    mac(key, name, rest).verify_slice(code).ok()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (signature, code) = rest.split_at_checked(length)?;
    let signature = serde_json::from_slice(signature).ok()?;
    Some(Opened { signature, code })
}

fn mac(key: &[u8; KEY_BYTES], name: &str, rest: &[u8]) -> Hmac<Sha256> {
    use hmac::digest::generic_array::GenericArray;
    // A key as long as a block is taken as it is; shorter ones are filled up with zeros.
    let mut block = GenericArray::default();
    block[..KEY_BYTES].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as Mac>::new(&block);
    mac.update(name.as_bytes());
    mac.update(rest);
    mac
}
