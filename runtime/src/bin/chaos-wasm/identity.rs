//! Random identifiers.

use ulid::Ulid;

/// A version 4 UUID (RFC 9562), as the reference's logs and discoveries carry.
pub(crate) fn uuid4() -> String {
    // The lower 64 bits of a ULID are random.
    let random = |ulid: Ulid| ulid.0 & u128::from(u64::MAX);
    let bits = random(Ulid::generate()) << 64 | random(Ulid::generate());
    let bits = bits & !(0xf << 76) | 0x4 << 76;
    let bits = bits & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    #[test]
    fn has_version_and_variant() {
        let id = super::uuid4();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(id, super::uuid4());
    }
}
