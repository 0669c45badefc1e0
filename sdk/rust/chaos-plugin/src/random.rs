//! Numbers that nobody can foresee.
//!
//! ```
//! # let _host = chaos_plugin::mock::Host::new();
//! use chaos_plugin::random;
//!
//! let pods = ["a", "b", "c"];
//! let victim = random::choose(&pods).unwrap();
//! assert!(pods.contains(victim));
//! ```

use crate::host;

/// Random bytes.
pub fn bytes(count: u32) -> Vec<u8> {
    host::random::bytes(count)
}

/// A random number.
pub fn number() -> u64 {
    host::random::number()
}

/// A random number below a limit, each as likely as the others; 0 if the limit is 0.
pub fn below(limit: u64) -> u64 {
    if limit == 0 {
        return 0;
    }
    // The highest numbers are thrown away that would favour the low results.
    let excess = u64::MAX % limit + 1;
    let highest = if excess == limit {
        u64::MAX
    } else {
        u64::MAX - excess
    };
    loop {
        let number = number();
        if number <= highest {
            return number % limit;
        }
    }
}

/// A random number from 0 up to, but not, 1.
pub fn fraction() -> f64 {
    // 53 bits are what a float can tell apart there.
    (number() >> 11) as f64 / (1_u64 << 53) as f64
}

/// One of the items; none if there are none.
pub fn choose<T>(items: &[T]) -> Option<&T> {
    items.get(index_below(items.len()))
}

/// Brings items into a random order, each as likely as the others.
pub fn shuffle<T>(items: &mut [T]) {
    for at in (1..items.len()).rev() {
        items.swap(at, index_below(at + 1));
    }
}

fn index_below(limit: usize) -> usize {
    // A number below one that fits fits.
    below(limit as u64) as usize
}
