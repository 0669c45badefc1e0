//! Native code that this program's own compiler made.

use wasmtime::Engine;
use wasmtime::component::Component;

/// Bytes that our compiler made, just now or in an earlier run. Whoever makes one vouches for that:
/// they are executed as they are.
pub(super) struct Native {
    bytes: Vec<u8>,
    /// Where in them the code begins.
    start: usize,
}

impl Native {
    /// From the compiler's own output.
    pub(super) fn made_by_our_compiler(bytes: Vec<u8>) -> Native {
        Native { bytes, start: 0 }
    }

    /// From a file that was authenticated as the compiler's output. Its code begins at `start`:
    /// copying it out would take long for an interpreter's.
    pub(super) fn of_file(bytes: Vec<u8>, start: usize) -> Native {
        Native { bytes, start }
    }

    /// The code.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// The component that this is the code of.
    ///
    /// # Errors
    /// It was made for another version or other settings of the engine.
    #[expect(
        unsafe_code,
        reason = "native code is executed as it is: what vouches for it is the type"
    )]
    pub(super) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: the bytes are the unaltered output of this engine's `precompile_component`: a
        // `Native` is made of the compiler's output alone, or of a file whose authentication code,
        // under a key that only this user can read, says the same of it.
        unsafe { Component::deserialize(engine, self.bytes()) }
    }
}
