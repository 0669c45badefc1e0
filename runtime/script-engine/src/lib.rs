//! The interpreter of scripts, as a component: QuickJS, what a script finds around itself (the
//! prelude), and the loop that turns the host's answers into settled promises.
//!
//! All that it can do are the imports of `wit/script.wit`. An instance is made for one call and
//! thrown away; it begins with the memory that [`initialize`] left behind when it was built.

mod bindings {
    #![expect(
        clippy::too_many_arguments,
        reason = "generated: variants are passed flat"
    )]
    wit_bindgen::generate!({
        path: ["../../host-api/wit", "wit"],
        world: "chaos:script/engine",
        generate_all,
    });
}

mod check;
mod clock;
mod failure;
mod interrupt;
mod json;
mod machine;
mod memory;
mod modules;
mod native;
mod pump;
mod run;
mod source;

use bindings::{Failure, Guest, Limits, Scope, Script};

struct Component;

impl Guest for Component {
    fn check(script: Script) -> Result<(), Failure> {
        machine::enter(|machine| check::check(machine, script))
    }

    fn run(script: Script, scope: Scope, limits: Limits) -> Result<String, Failure> {
        machine::enter(|machine| run::run(machine, script, scope, limits))
    }
}

bindings::export!(Component with_types_in bindings);

/// Makes all that does not depend on a script. Called once, when the component is built: an
/// instance starts in the memory that this leaves.
#[unsafe(export_name = "wizer-initialize")]
extern "C" fn initialize() {
    machine::prepare();
}

/// Why [`initialize`] failed, for who builds this: a text that ends with NUL, or null.
#[unsafe(export_name = "wizer-problem")]
extern "C" fn problem() -> *const std::ffi::c_char {
    machine::problem()
}
