//! Native code that this program's own compiler made.

use wasmtime::Engine;
use wasmtime::component::Component;

/// Bytes that our compiler made, just now or in an earlier run. Whoever makes one vouches for that:
/// they are executed as they are.
pub(super) struct Native(Vec<u8>);

impl Native {
    /// From the compiler's own output, or from a file that was authenticated as that.
    pub(super) fn made_by_our_compiler(bytes: Vec<u8>) -> Native {
        Native(bytes)
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
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
        unsafe { Component::deserialize(engine, &self.0) }
    }
}
