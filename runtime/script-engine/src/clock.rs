//! The one thing that QuickJS asks of its surroundings.

use crate::bindings::chaos::host::clock;
use crate::machine;

/// Microseconds since 1970. Behind `Date` and the start of QuickJS; nobody is asked while the
/// component is built, so that it is the same every time.
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    match machine::is_entered() {
        true => clock::now() as f64 / 1000.0,
        false => 0.0,
    }
}
